"""A sealed file that somebody has changed is never *valid*, and what was done to it is named."""

import pikepdf
import pytest
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from archive.base.errors import Unreadable
from signing import revisions
from signing.baseline import BaselineLevel
from signing.validation.result.report import ValidationReport
from signing.validation.result.verdict import SubIndication, Verdict
from tests.signing.validation import attacks
from tests.signing.validation.authority import NOW, Authority
from tests.signing.validation.conftest import Check


def test_the_file_that_is_attacked_is_valid(check: Check, sealed: bytes) -> None:
    assert check(sealed).verdict is Verdict.VALID


# These change nothing that the file shows: no forgery is claimed.
SHOW_NOTHING = {"replace_xmp", "drop_the_store", "add_an_orphan"}


@pytest.mark.parametrize("name", attacks.UPDATES)
def test_an_update_after_the_last_timestamp_is_not_valid(
    check: Check, sealed: bytes, name: str
) -> None:
    report = check(attacks.update(sealed, attacks.UPDATES[name]))
    assert report.verdict is (Verdict.INDETERMINATE if name in SHOW_NOTHING else Verdict.INVALID)
    assert report.modified_after_signing


@pytest.mark.parametrize("name", sorted(attacks.UPDATES.keys() - {"drop_the_store"}))
def test_an_update_is_not_valid_even_under_a_new_document_timestamp(
    authority: Authority, check: Check, sealed: bytes, name: str
) -> None:
    changed = revisions.Draft(attacks.update(sealed, attacks.UPDATES[name]))
    authority.append_timestamp(changed, authority.evidence(NOW), "Late", NOW)
    report = check(changed.getvalue())
    assert report.verdict is (Verdict.INDETERMINATE if name in SHOW_NOTHING else Verdict.INVALID)
    assert report.modified_after_signing


def test_a_store_that_a_renewal_replaces_still_speaks_in_its_own_revision(
    authority: Authority, check: Check, sealed: bytes
) -> None:
    changed = revisions.Draft(attacks.update(sealed, attacks.drop_the_store))
    authority.append_timestamp(changed, authority.evidence(NOW), "Late", NOW)
    assert check(changed.getvalue()).verdict is Verdict.VALID


# there is none yet
@pytest.mark.parametrize("name", sorted(attacks.UPDATES.keys() - {"drop_the_store"}))
def test_an_update_between_seal_and_store_is_not_valid(
    authority: Authority, check: Check, paper_pdf: bytes, name: str
) -> None:
    changed = revisions.Draft(
        attacks.update(authority.seal(paper_pdf, "B-T"), attacks.UPDATES[name])
    )
    revisions.append_validation_data(changed, authority.evidence(NOW))
    assert check(changed.getvalue()).verdict is not Verdict.VALID


def test_rewritten_metadata_alone_leaves_the_verdict_open(
    authority: Authority, check: Check, sealed: bytes
) -> None:
    changed = revisions.Draft(attacks.update(sealed, attacks.replace_xmp))
    authority.append_timestamp(changed, authority.evidence(NOW), "Late", NOW)
    report = check(changed.getvalue())
    assert (report.verdict, report.subindication) == (
        Verdict.INDETERMINATE,
        SubIndication.SIG_CONSTRAINTS_FAILURE,
    )
    assert report.modified_after_signing


def test_a_visible_timestamp_field_is_more_than_archival(
    authority: Authority, check: Check, sealed: bytes
) -> None:
    def add_visible_field(writer: attacks.QuietWriter) -> None:
        append_signature_field(writer, SigFieldSpec("Late", box=(0, 0, 500, 500)))

    changed = revisions.Draft(attacks.update(sealed, add_visible_field))
    authority.append_timestamp(changed, authority.evidence(NOW), "Later", NOW)
    assert check(changed.getvalue()).verdict is Verdict.INVALID


def test_another_document_timestamp_alone_keeps_it_valid(
    authority: Authority, check: Check, sealed: bytes
) -> None:
    assert check(authority.renew(sealed, NOW, authority)).verdict is Verdict.VALID


def test_a_second_signer_keeps_both_seals_valid(
    authority: Authority, check: Check, paper_pdf: bytes
) -> None:
    stream = revisions.Draft(authority.seal(paper_pdf, "B-T"))
    authority.append_seal(stream, "Second", NOW)
    authority.append_timestamp(stream, authority.evidence(NOW), "Archive", NOW)
    report = check(stream.getvalue())
    assert (report.verdict, report.level) == (Verdict.VALID, BaselineLevel.B_LTA)
    assert [signature["kind"] for signature in report.signatures] == [
        "seal",
        "seal",
        "document_timestamp",
    ]


@pytest.mark.parametrize(
    "tail", [b"\n", b"\r\n", b" ", b"\0", b"%", b"junk", b"%%EOF\n", b"\nstartxref\n0\n%%EOF\n"]
)
def test_bytes_after_the_end_are_not_valid(check: Check, sealed: bytes, tail: bytes) -> None:
    assert _verdict(check, sealed + tail) != "valid"


@pytest.mark.parametrize("head", [b"\n", b"junk\n", b"%PDF-1.4\n"])
def test_bytes_before_the_beginning_are_not_valid(check: Check, sealed: bytes, head: bytes) -> None:
    assert _verdict(check, head + sealed) != "valid"


def test_another_pdf_before_or_after_is_not_valid(
    check: Check, sealed: bytes, paper_pdf: bytes
) -> None:
    for joined in (sealed + paper_pdf, paper_pdf + sealed, sealed + sealed):
        assert _verdict(check, joined) != "valid"


def test_a_cut_file_is_not_valid(check: Check, sealed: bytes) -> None:
    cuts = {1, *attacks.revision_ends(sealed)[1:], *range(1000, len(sealed), 4999)} - {len(sealed)}
    for length in [*cuts, *(end - 1 for end in attacks.revision_ends(sealed)[:-1])]:
        assert _verdict(check, sealed[:length]) != "valid", length


def test_without_its_last_line_end_it_is_not_the_same_file(check: Check, sealed: bytes) -> None:
    assert _verdict(check, sealed[:-1]) != "valid"


def test_without_its_archive_revision_only_a_timestamp_is_left(check: Check, sealed: bytes) -> None:
    stripped = sealed[: attacks.revision_ends(sealed)[-2]]
    report = check(stripped)
    assert (report.verdict, report.level) == (Verdict.INDETERMINATE, BaselineLevel.B_T)


@pytest.mark.parametrize("index", [0, 1])
def test_a_value_from_another_file_is_not_valid(
    authority: Authority, check: Check, sealed: bytes, paper_pdf: bytes, index: int
) -> None:
    other = authority.seal(attacks.with_catalog(paper_pdf, lambda document: None))
    for changed in (
        attacks.transplant(other, sealed, index),
        attacks.transplant(sealed, other, index),
    ):
        report = check(changed)
        assert (report.verdict, report.subindication) == (
            Verdict.INVALID,
            SubIndication.HASH_FAILURE,
        )


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("value", [b"", b"00", b"3000", b"ff", b"30800000", b"zz"])
def test_an_empty_value_is_not_valid(check: Check, sealed: bytes, index: int, value: bytes) -> None:
    start, end = attacks.values(sealed)[index]
    changed = sealed[:start] + value.ljust(end - start, b"0") + sealed[end:]
    assert _verdict(check, changed) in ("invalid", "unreadable")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/ByteRange [0 ", b"/ByteRange [1 "),
        (b"/ByteRange [0 ", b"/ByteRange [-1"),
        (b"/ByteRange", b"/BiteRange"),
        (b"/Type /DocTimeStamp", b"/Type /DocTimeStomp"),
        (b"/Type /DocTimeStamp", b"/Type /Sig         "),
        (b"/SubFilter /ETSI.RFC3161", b"/SubFilter /ETSI.RFC3162"),
        (b"/SubFilter /ETSI.CAdES.detached", b"/SubFilter /adbe.pkcs7.detached"),
        (b"/FT /Sig", b"/FT /Tx "),
        (b"/DSS", b"/DSX"),
        (b"/AcroForm", b"/AcroFarm"),
    ],
)
def test_a_name_that_was_changed_does_not_hide_a_signature(
    check: Check, sealed: bytes, old: bytes, new: bytes
) -> None:
    assert old in sealed
    first, last = sealed.index(old), sealed.rindex(old)
    for at in {first, last}:
        changed = sealed[:at] + new + sealed[at + len(old) :]
        assert _verdict(check, changed) != "valid"


def test_content_that_acts_leaves_the_verdict_open(
    authority: Authority, check: Check, paper_pdf: bytes
) -> None:
    def script(document: pikepdf.Pdf) -> None:
        document.Root.OpenAction = pikepdf.Dictionary(
            S=pikepdf.Name.JavaScript, JS="app.alert('TEST')"
        )

    def launch(document: pikepdf.Pdf) -> None:
        action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="TEST")
        document.pages[0].obj.AA = pikepdf.Dictionary(O=action)

    def xfa(document: pikepdf.Pdf) -> None:
        document.Root.AcroForm = pikepdf.Dictionary(
            Fields=pikepdf.Array(), XFA=document.make_stream(b"<TEST/>")
        )

    for change in (script, launch, xfa):
        report = check(authority.seal(attacks.with_catalog(paper_pdf, change)))
        assert (report.verdict, report.subindication) == (
            Verdict.INDETERMINATE,
            SubIndication.SIG_CONSTRAINTS_FAILURE,
        )


def test_going_to_a_page_is_harmless(authority: Authority, check: Check, paper_pdf: bytes) -> None:
    def go(document: pikepdf.Pdf) -> None:
        document.Root.OpenAction = pikepdf.Array([document.pages[0].obj, pikepdf.Name.Fit])

    assert check(authority.seal(attacks.with_catalog(paper_pdf, go))).verdict is Verdict.VALID


def test_an_encrypted_file_is_not_valid(check: Check, sealed: bytes) -> None:
    report = check(attacks.encrypt(sealed))
    assert (report.verdict, report.subindication) == (
        Verdict.INDETERMINATE,
        SubIndication.SIG_CONSTRAINTS_FAILURE,
    )


def test_a_file_with_two_object_tables_is_read_as_the_standard_says(
    authority: Authority, check: Check, paper_pdf: bytes
) -> None:
    assert _verdict(check, authority.seal(attacks.make_hybrid(paper_pdf))) == "valid"


def _verdict(check: Check, pdf: bytes) -> str:
    try:
        report: ValidationReport = check(pdf)
    except Unreadable:
        return "unreadable"
    return report.verdict.value
