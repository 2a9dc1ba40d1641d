"""What outsiders say of a seal: veraPDF of the file, poppler of the signatures, pyHanko of its
long-term validity.
"""

import asyncio
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from signing.cades import sign_detached
from signing.seal import BaselineLevel, Sealer
from tests.fixtures.pki import RunningPki
from tests.judges import pdfsig
from tests.judges.missing import require_program
from tests.judges.verapdf import VeraPdf
from tests.signing.seal.pdf import read

CLAIMED = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)


@pytest.mark.judge
@pytest.mark.parametrize("level", BaselineLevel)
def test_verapdf_finds_pdfa_and_pdfua_after_sealing(
    sealer: Sealer, paper_pdf: bytes, level: BaselineLevel, verapdf: VeraPdf, tmp_path: Path
) -> None:
    file = tmp_path / "sealed.pdf"
    file.write_bytes(sealer.seal(paper_pdf, claimed_at=CLAIMED, level=level).data)
    verapdf.accept(file, form=None)


@pytest.mark.judge
def test_pdfsig_finds_both_signatures_and_the_seal_valid(
    sealer: Sealer, paper_pdf: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "sealed.pdf"
    file.write_bytes(sealer.seal(paper_pdf, claimed_at=CLAIMED).data)
    seal, stamp = pdfsig.judge(file)
    assert (seal.field, seal.kind, seal.valid) == ("Kho", "ETSI.CAdES.detached", True)
    assert seal.signer == "TEST Bệnh viện Mẫu Kho"
    assert stamp.total_document_signed


def test_pyhanko_finds_the_seal_good_for_the_long_term_without_network(
    sealer: Sealer, paper_pdf: bytes, test_pki: RunningPki
) -> None:
    reader = read(sealer.seal(paper_pdf, claimed_at=CLAIMED).data)
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=list(test_pki.trust.anchors)),
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
    )
    signature = SignatureValidationSpec(
        cert_validation_policy=policy,
        revinfo_gathering_policy=RevocationInfoGatheringSpec(
            online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY,
            certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
        ),
        local_knowledge=LocalKnowledge(),
    )
    seal = reader.embedded_regular_signatures[0]
    result = asyncio.run(ades_lta_validation(seal, PdfSignatureValidationSpec(signature)))
    assert result.ades_subindic == AdESPassed.OK
    assert result.api_status is not None
    assert result.api_status.bottom_line
    assert result.oldest_evidence_record_timestamp is not None


@pytest.mark.judge
def test_openssl_finds_a_detached_signature_good(
    sealer: Sealer, test_pki: RunningPki, tmp_path: Path
) -> None:
    require_program("openssl")
    (tmp_path / "data").write_bytes(b"manifest")
    (tmp_path / "data.p7s").write_bytes(
        sign_detached(b"manifest", sealer.signing_context, claimed_at=CLAIMED)
    )
    command = [
        "openssl",
        "cms",
        "-verify",
        "-binary",
        "-inform",
        "DER",
        "-purpose",
        "any",
        "-cades",
    ]
    files = [
        "-in",
        "data.p7s",
        "-content",
        "data",
        "-CAfile",
        str(test_pki.trust_path),
        "-out",
        os.devnull,
    ]
    done = subprocess.run(
        [*command, *files], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
