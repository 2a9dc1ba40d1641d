"""An original of this archive to which others have added: known, where what they added may be
there.
"""

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, sign_pdf
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import SimpleSigner

from api.home import Home
from api.reading.verification import Verification
from archive.base.identifiers import ObjectKey
from signing.testpki.folder import read_test_pki
from signing.validation.result.verdict import Verdict
from tests.fixtures.home import chart, take
from tests.signing.validation import attacks


@pytest.fixture
def home(fresh_home: Callable[[], Home]) -> Home:
    home = fresh_home()
    take(home, chart(1))
    return home


def original(home: Home) -> bytes:
    (receipt,) = take(home, chart(1))[0].receipts
    return home.vault.read(ObjectKey(receipt.object_key), receipt.version_id)


def countersigned(home: Home, pdf: bytes) -> bytes:
    """Sign as pyHanko's documentation says, without timestamp and evidence."""
    pki = read_test_pki(home.folder / "testpki")
    signer = SimpleSigner.load_pkcs12(str(pki.p12_path), passphrase=pki.passphrase)
    assert signer is not None
    metadata = PdfSignatureMetadata(field_name="CoSign", subfilter=SigSeedSubFilter.PADES)
    out = sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), metadata, signer)
    assert isinstance(out, BytesIO)
    return out.getvalue()


def verified(home: Home, pdf: bytes) -> Verification:
    return home.open_for_reading().verdicts.verify(pdf, home.scope)


def test_a_countersigned_original_is_valid_known_and_says_who_signed_when(home: Home) -> None:
    verification = verified(home, countersigned(home, original(home)))
    assert verification.report.verdict is Verdict.VALID
    assert verification.document_id is not None
    assert verification.countersigned
    assert "ký thêm lúc" in verification.report.reasons.vi
    assert "countersigned at" in verification.report.reasons.en
    seal, _, other = verification.report.signatures
    assert seal["indication"] == "TOTAL-PASSED"
    assert other["indication"] == "TOTAL-PASSED"  # the store of the original speaks for it, too
    assert {change["kind"] for change in seal["changes_after"]} >= {"archival", "signature"}


def test_the_original_itself_is_not_countersigned(home: Home) -> None:
    verification = verified(home, original(home))
    assert verification.document_id is not None
    assert not verification.countersigned


def test_an_original_whose_pages_were_changed_is_not_known(home: Home) -> None:
    changed = attacks.update(original(home), attacks.replace_page)
    verification = verified(home, countersigned(home, changed))
    assert verification.report.verdict is Verdict.INVALID
    assert verification.document_id is None


def test_a_file_that_was_written_again_is_not_this_archives(home: Home) -> None:
    """The seal is gone, the name of the facility is still there."""
    out = BytesIO()
    with pikepdf.open(BytesIO(original(home))) as document:
        del document.Root.AcroForm, document.pages[0].obj.Annots
        document.save(out)
    verification = verified(home, countersigned(home, out.getvalue()))
    assert verification.document_id is None
    assert not verification.countersigned
