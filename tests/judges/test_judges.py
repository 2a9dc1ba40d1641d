"""The judges can say no: each is shown files that it must refuse,
beside one that it must accept.
"""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import typst
from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.judges import pdfsig
from tests.judges.tally import Tally
from tests.judges.verapdf import VeraPdf

pytestmark = pytest.mark.judge

PAGE = '#set document(title: "Giấy thử")\n#set text(lang: "vi")\n= Giấy thử\nNội dung thử.'.encode()


@pytest.fixture(scope="module")
def archival() -> bytes:
    """A PDF/A-3a and PDF/UA-1 file, ended by a newline as an incremental update needs it."""
    return typst.compile(PAGE, pdf_standards=["a-3a", "ua-1"], timestamp=0) + b"\n"


@pytest.fixture(scope="module")
def sealer() -> signers.SimpleSigner:
    """A signer with a self-made certificate; no root trusts it, and these judges do not check
    trust.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TEST judge")])
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
        )
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return signers.SimpleSigner(
        signing_cert=Certificate.load(certificate.public_bytes(Encoding.DER)),
        signing_key=PrivateKeyInfo.load(
            key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        ),
        cert_registry=SimpleCertificateStore(),
    )


def sign(pdf: bytes, signer: signers.SimpleSigner) -> bytes:
    """Return `pdf` with one invisible PAdES B-B signature."""
    metadata = signers.PdfSignatureMetadata(
        field_name="Seal", subfilter=fields.SigSeedSubFilter.PADES
    )
    out: BytesIO = signers.PdfSigner(metadata, signer).sign_pdf(
        IncrementalPdfFileWriter(BytesIO(pdf))
    )
    return out.getvalue()


def write(folder: Path, data: bytes) -> Path:
    """Return a file with `data`."""
    path = folder / "giấy thử.pdf"
    path.write_bytes(data)
    return path


def test_verapdf_accepts_an_archival_file_before_and_after_a_signature(
    verapdf: VeraPdf, tmp_path: Path, archival: bytes, sealer: signers.SimpleSigner
) -> None:
    for data in (archival, sign(archival, sealer)):
        [verdict] = verapdf.judge([write(tmp_path, data)])
        assert verdict.ok, verdict.explain()
        assert set(verdict.flavours) == {"3a", "ua1"}


def test_verapdf_refuses_a_file_that_claims_nothing(verapdf: VeraPdf, tmp_path: Path) -> None:
    [verdict] = verapdf.judge([write(tmp_path, typst.compile(PAGE))])
    assert not verdict.ok
    assert {"3a:6.6.4-1", "ua1:5-1"} <= verdict.failed_rules


def test_verapdf_refuses_a_signature_written_onto_a_file_without_a_last_newline(
    verapdf: VeraPdf, tmp_path: Path, archival: bytes, sealer: signers.SimpleSigner
) -> None:
    [verdict] = verapdf.judge([write(tmp_path, sign(archival.rstrip(b"\n"), sealer))])
    assert verdict.failed_rules == {"3a:6.1.9-1"}


def test_verapdf_refuses_bytes_after_the_end(
    verapdf: VeraPdf, tmp_path: Path, archival: bytes
) -> None:
    [verdict] = verapdf.judge([write(tmp_path, archival + b"more")])
    assert verdict.failed_rules == {"3a:6.1.3-3"}


@pytest.mark.parametrize("data", [b"", b"no PDF at all", b"%PDF-1.7\n%%EOF\n"])
def test_verapdf_does_not_accept_what_it_cannot_read(
    verapdf: VeraPdf, tmp_path: Path, data: bytes
) -> None:
    [verdict] = verapdf.judge([write(tmp_path, data)])
    assert not verdict.ok


def test_verapdf_does_not_accept_a_file_that_is_not_there_nor_stop_at_it(
    verapdf: VeraPdf, tmp_path: Path, archival: bytes
) -> None:
    absent, present = verapdf.judge([tmp_path / "absent.pdf", write(tmp_path, archival)])
    assert not absent.ok
    assert present.ok


def test_verapdf_does_not_accept_a_flavour_that_it_does_not_know(
    verapdf: VeraPdf, tmp_path: Path, archival: bytes
) -> None:
    [verdict] = verapdf.judge([write(tmp_path, archival)], flavours=("3a", "99z"))
    assert verdict.flavours["3a"].compliant
    assert not verdict.ok


def test_accept_fails_the_test_and_names_the_rule(
    verapdf: VeraPdf, tmp_path: Path, archival: bytes
) -> None:
    with pytest.raises(AssertionError, match=r"6\.1\.3-3"):
        verapdf.accept(write(tmp_path, archival + b"more"), form=None)


def test_the_tally_counts_by_form_and_adds_up_over_workers() -> None:
    tally, other = Tally(), Tally()
    tally.count("01/BV1", ok=True)
    other.count("01/BV1", ok=True)
    other.count("XML7", ok=False)
    tally.add(Tally.from_json(other.as_json()))
    assert tally.lines() == [
        "veraPDF judged 3 files: 2 passed, 1 failed",
        "  01/BV1: 2 passed, 0 failed",
        "  XML7: 0 passed, 1 failed",
    ]


def test_a_whole_run_in_ci_fails_where_a_form_was_not_judged() -> None:
    quick = "tests/judges/test_judges.py::test_the_tally_counts_by_form_and_adds_up_over_workers"
    run = [sys.executable, "-m", "pytest", quick, "-q", "--whole"]
    done = subprocess.run(
        run, env={**os.environ, "CI": "true"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "NOT JUDGED: no paper of 01/BV1" in done.stdout


def test_pdfsig_sees_a_valid_signature_over_the_whole_file(
    tmp_path: Path, archival: bytes, sealer: signers.SimpleSigner
) -> None:
    signed = sign(archival, sealer)
    [seen] = pdfsig.judge(write(tmp_path, signed))
    assert seen.valid
    assert seen.total_document_signed
    assert seen.kind == "ETSI.CAdES.detached"
    assert seen.signer == "TEST judge"
    assert seen.ranges[0][0] == 0
    assert seen.ranges[-1][1] == len(signed)


def test_pdfsig_refuses_a_flipped_byte(
    tmp_path: Path, archival: bytes, sealer: signers.SimpleSigner
) -> None:
    signed = bytearray(sign(archival, sealer))
    signed[200] ^= 1
    [seen] = pdfsig.judge(write(tmp_path, bytes(signed)))
    assert not seen.valid


def test_pdfsig_sees_bytes_that_no_signature_covers(
    tmp_path: Path, archival: bytes, sealer: signers.SimpleSigner
) -> None:
    [seen] = pdfsig.judge(write(tmp_path, sign(archival, sealer) + b"more"))
    assert not seen.total_document_signed


def test_pdfsig_sees_no_signature_where_there_is_none(tmp_path: Path, archival: bytes) -> None:
    assert pdfsig.judge(write(tmp_path, archival)) == []
