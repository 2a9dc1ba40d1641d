"""The seal: what is in a sealed file, at each level, and what is asked of the services for it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import cms

from archive.base.clock import FixedClock
from archive.base.errors import Unreadable
from signing.errors import AlreadySealed, SealRefused
from signing.seal import BaselineLevel, Sealer, SealWords, Unsealed
from signing.timestamps import token_info
from tests.fixtures.pki import RunningPki
from tests.signing.seal.pdf import byte_ranges, contents, read

CLAIMED = datetime(2026, 11, 22, 7, 30, 15, 999_000, tzinfo=UTC)


def test_the_input_is_unchanged_at_the_front(sealer: Sealer, paper_pdf: bytes) -> None:
    sealed = sealer.seal(paper_pdf, claimed_at=CLAIMED)
    assert sealed.data.startswith(paper_pdf)
    assert sealed.data[len(paper_pdf) :].startswith(b"\n"), "Typst writes no line end after %%EOF"


@pytest.mark.parametrize("level", BaselineLevel)
def test_each_level_has_what_it_must(
    sealer: Sealer, paper_pdf: bytes, level: BaselineLevel
) -> None:
    sealed = sealer.seal(paper_pdf, claimed_at=CLAIMED, level=level)
    reader = read(sealed.data)
    seal = reader.embedded_regular_signatures[0]
    assert sealed.level is level
    assert len(reader.embedded_regular_signatures) == 1
    assert len(seal.signer_info["unsigned_attrs"] or ()) == (1 if level.timestamped else 0)
    assert ("/DSS" in reader.root) == level.long_term
    assert len(reader.embedded_timestamp_signatures) == (1 if level is BaselineLevel.B_LTA else 0)


def test_m_is_the_claimed_time_to_the_second(sealer: Sealer, paper_pdf: bytes) -> None:
    sealed = sealer.seal(paper_pdf, claimed_at=CLAIMED)
    assert (
        read(sealed.data).embedded_regular_signatures[0].sig_object["/M"]
        == "D:20261122143015+07'00'"
    )


def test_sealed_at_is_the_gen_time_of_the_signature_timestamp(
    sealer: Sealer, paper_pdf: bytes
) -> None:
    sealed = sealer.seal(paper_pdf, claimed_at=CLAIMED)
    (attribute,) = read(sealed.data).embedded_regular_signatures[0].signer_info["unsigned_attrs"]
    assert attribute["type"].native == "signature_time_stamp_token"
    assert sealed.sealed_at == token_info(attribute["values"][0])["gen_time"].native
    assert abs(sealed.sealed_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_signature_dictionary_is_pades(sealer: Sealer, paper_pdf: bytes) -> None:
    words = SealWords("Bệnh viện Mẫu Kho", "Số 1, Hà Nội", "Lưu trữ")
    sealed = sealer.seal(paper_pdf, claimed_at=CLAIMED, words=words)
    signature = read(sealed.data).embedded_regular_signatures[0]
    assert signature.field_name == "Kho"
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.sig_object["/Reason"] == "Lưu trữ"
    assert signature.sig_object["/Name"] == "Bệnh viện Mẫu Kho"
    assert signature.sig_object["/Location"] == "Số 1, Hà Nội"
    assert signature.md_algorithm == "sha256"
    signed = {attribute["type"].native for attribute in signature.signer_info["signed_attrs"]}
    assert signed == {"content_type", "message_digest", "signing_certificate_v2"}


def test_every_signature_covers_its_revision_but_its_own_contents(
    sealer: Sealer, paper_pdf: bytes
) -> None:
    data = sealer.seal(paper_pdf, claimed_at=CLAIMED).data
    (start, _, resume, rest), (last_start, _, last_resume, last_rest) = byte_ranges(data)
    assert (start, last_start) == (0, 0)
    assert data[: resume + rest].endswith(b"%%EOF\n")
    assert last_resume + last_rest == len(data)


def test_contents_are_upper_case_hex_and_zeros_after_the_der(
    sealer: Sealer, paper_pdf: bytes
) -> None:
    for value in contents(sealer.seal(paper_pdf, claimed_at=CLAIMED).data):
        assert re.fullmatch(rb"[0-9A-F]+", value)
        data = bytes.fromhex(value.decode())
        size = len(cms.ContentInfo.load(data).dump())
        assert not any(data[size:])


def test_room_is_hardly_wasted_once_the_tsa_is_known(sealer: Sealer, paper_pdf: bytes) -> None:
    sealer.seal(paper_pdf, claimed_at=CLAIMED)
    for value in contents(sealer.seal(paper_pdf, claimed_at=CLAIMED).data):
        data = bytes.fromhex(value.decode())
        assert len(data) - len(cms.ContentInfo.load(data).dump()) < 128


def test_validation_data_comes_after_the_seal_and_under_the_archive_timestamp(
    sealer: Sealer, paper_pdf: bytes
) -> None:
    data = sealer.seal(paper_pdf, claimed_at=CLAIMED).data
    (_, _, resume, rest), (_, last_first, _, _) = byte_ranges(data)
    assert b"/DSS" not in data[: resume + rest]
    assert b"/Type /DSS" in data[resume + rest : last_first]
    assert b"/VRI" not in data


def test_metadata_stay_as_they_were(sealer: Sealer, paper_pdf: bytes) -> None:
    before, after = read(paper_pdf), read(sealer.seal(paper_pdf, claimed_at=CLAIMED).data)
    assert after.root["/Metadata"].data == before.root["/Metadata"].data
    assert after.trailer["/Info"] == before.trailer["/Info"]
    assert after.trailer["/ID"][0] == before.trailer["/ID"][0]


def test_one_tsa_request_a_timestamp_and_revocation_over_real_http(
    test_pki: RunningPki, paper_pdf: bytes
) -> None:
    before = len(test_pki.request_log())
    with test_pki.open_sealer() as sealer:
        sealer.seal(paper_pdf, claimed_at=CLAIMED)
        first = [line["kind"] for line in test_pki.request_log()[before:]]
        sealer.seal(paper_pdf, claimed_at=CLAIMED)
        second = [line["kind"] for line in test_pki.request_log()[before + len(first) :]]
    assert sorted(first) == ["crl", "crl", "ocsp", "tsa", "tsa"], (
        "the root's list serves both authorities"
    )
    assert second == ["tsa", "tsa"], "certificates' status is kept while it is fresh"
    assert all(line["status"] == 200 for line in test_pki.request_log()[before:])


def test_a_sealed_file_is_not_sealed_again(sealer: Sealer, paper_pdf: bytes) -> None:
    sealed = sealer.seal(paper_pdf, claimed_at=CLAIMED, level=BaselineLevel.B_B)
    with pytest.raises(AlreadySealed):
        sealer.seal(sealed.data, claimed_at=CLAIMED)


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7\n", b"not a pdf", b"%PDF-1.7\nstartxref\n0\n%%EOF\n"]
)
def test_what_is_no_pdf_is_refused(sealer: Sealer, data: bytes) -> None:
    with pytest.raises(Unreadable):
        sealer.seal(data, claimed_at=CLAIMED)


def test_cut_short_files_are_refused(sealer: Sealer, paper_pdf: bytes) -> None:
    with pytest.raises(Unreadable):
        sealer.seal(paper_pdf[: len(paper_pdf) // 2], claimed_at=CLAIMED)


def test_a_token_larger_than_expected_is_given_room_on_a_second_try(
    sealer: Sealer, paper_pdf: bytes
) -> None:
    sealer.signing_context.tsa.token_size = 100
    assert sealer.seal(paper_pdf, claimed_at=CLAIMED).level is BaselineLevel.B_LTA


def test_many_are_sealed_in_order_and_each_as_if_alone(sealer: Sealer, paper_pdf: bytes) -> None:
    reasons = [f"Giấy {number}" for number in range(12)]
    sealed = list(
        sealer.seal_all(
            Unsealed(paper_pdf, CLAIMED, words=SealWords(reason=reason)) for reason in reasons
        )
    )
    problems = [
        read(paper.data).embedded_regular_signatures[0].sig_object["/Reason"] for paper in sealed
    ]
    assert problems == reasons
    assert {paper.level for paper in sealed} == {BaselineLevel.B_LTA}
    assert (
        max(len(paper.data) for paper in sealed[1:]) - min(len(paper.data) for paper in sealed[1:])
        < 256
    ), "room is known"


def test_the_first_that_cannot_be_sealed_ends_it(sealer: Sealer, paper_pdf: bytes) -> None:
    sealed = sealer.seal_all(
        [Unsealed(paper_pdf, CLAIMED), Unsealed(b"no PDF", CLAIMED), Unsealed(paper_pdf, CLAIMED)]
    )
    assert next(sealed).data.startswith(paper_pdf)
    with pytest.raises(Unreadable):
        next(sealed)


def test_a_clock_that_disagrees_with_the_tsa_is_refused(
    test_pki: RunningPki, paper_pdf: bytes
) -> None:
    with (
        test_pki.open_sealer(clock=FixedClock(datetime.now(UTC) + timedelta(minutes=10))) as sealer,
        pytest.raises(SealRefused, match="5 minutes"),
    ):
        sealer.seal(paper_pdf, claimed_at=CLAIMED)
