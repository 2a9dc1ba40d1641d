"""pyHanko as its documentation writes it ("AdES validation", lib-guide/adv-sig-validation): B-LTA
files, checked whole.

Arguments: roots (PEM), files.
"""

import asyncio
import io
import itertools
import logging
import sys
from pathlib import Path

from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import ades
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

from bench.loop import pin, serve


def main() -> None:
    """Validate the files in turn."""
    pin()
    logging.disable(logging.CRITICAL)
    roots, *names = sys.argv[1:]
    files = itertools.cycle([Path(name).read_bytes() for name in names])
    specification = PdfSignatureValidationSpec(
        SignatureValidationSpec(
            cert_validation_policy=CertValidationPolicySpec(
                trust_manager=SimpleTrustManager.build(
                    trust_roots=list(load_certs_from_pemder([roots]))
                ),
                revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
            ),
            revinfo_gathering_policy=RevocationInfoGatheringSpec(
                online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY,
                certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
            ),
            local_knowledge=LocalKnowledge(),
        )
    )

    def validate() -> int:
        pdf = next(files)
        reader = PdfFileReader(io.BytesIO(pdf))
        verdict = asyncio.run(
            ades.ades_lta_validation(reader.embedded_regular_signatures[0], specification)
        )
        assert verdict.api_status is not None
        assert verdict.api_status.bottom_line
        return len(pdf)

    serve(validate)


if __name__ == "__main__":
    main()
