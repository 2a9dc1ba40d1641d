"""pyHanko as its documentation writes it ("PAdES-LTA", lib-guide/signing): PDF in, B-LTA out.

Arguments: PDF, PKCS#12, its passphrase file, roots (PEM), TSA address.
"""

import io
import logging
import sys
from pathlib import Path

from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers, timestamps
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator import ValidationContext

from bench.loop import pin, serve


def sealing(p12: str, passphrase: str, roots: str, tsa: str) -> "Sealing":
    """Return what seals: everything that the documentation's example makes before it opens a file
    is made once.
    """
    signer = signers.SimpleSigner.load_pkcs12(p12, passphrase=Path(passphrase).read_bytes().strip())
    timestamper = timestamps.HTTPTimeStamper(tsa)
    return Sealing(signer, timestamper, roots)


class Sealing:
    """One signer, one TSA client."""

    def __init__(
        self, signer: signers.SimpleSigner, timestamper: timestamps.HTTPTimeStamper, roots: str
    ) -> None:
        self._signer, self._timestamper = signer, timestamper
        self._metadata = signers.PdfSignatureMetadata(
            field_name="Signature",
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            validation_context=ValidationContext(
                trust_roots=list(load_certs_from_pemder([roots])),
                allow_fetching=True,
                revocation_mode="require",
            ),
            embed_validation_info=True,
            use_pades_lta=True,
        )

    def seal(self, pdf: bytes) -> bytes:
        """Return `pdf` sealed."""
        out = io.BytesIO()
        signers.sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(pdf)),
            signature_meta=self._metadata,
            signer=self._signer,
            timestamper=self._timestamper,
            output=out,
        )
        return out.getvalue()


def main() -> None:
    """Seal the same file repeatedly. The loop's `bytes` are those that the seal added."""
    pin()
    logging.disable(logging.CRITICAL)
    file, *services = sys.argv[1:]
    pdf, does = Path(file).read_bytes(), sealing(*services)
    serve(lambda: len(does.seal(pdf)) - len(pdf))


if __name__ == "__main__":
    main()
