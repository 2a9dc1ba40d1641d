"""Reading back: a result that is not what was meant never leaves Kho."""

from datetime import UTC, datetime

import pytest

from signing.baseline import BaselineLevel
from signing.errors import SealRefused
from signing.seal import Sealer
from signing.selfcheck import check_seal
from tests.signing.seal.pdf import byte_ranges

CLAIMED = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)


def _flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


def _check(
    sealer: Sealer, pdf: bytes, sealed: bytes, level: BaselineLevel = BaselineLevel.B_LTA
) -> None:
    check_seal(pdf, sealed, sealer.signing_context.key.certificate, level)


def test_an_unchanged_seal_passes(sealer: Sealer, paper_pdf: bytes) -> None:
    _check(sealer, paper_pdf, sealer.seal(paper_pdf, claimed_at=CLAIMED).data)


def test_a_flipped_bit_is_found_wherever_a_signature_covers_it(
    sealer: Sealer, paper_pdf: bytes
) -> None:
    sealed = sealer.seal(paper_pdf, claimed_at=CLAIMED).data
    _, (_, last_first, last_resume, _) = byte_ranges(sealed)
    step = len(sealed) // 150
    for position in (*range(step, last_first, step), *range(last_resume, len(sealed), 20)):
        with pytest.raises(SealRefused):
            _check(sealer, paper_pdf, _flipped(sealed, position))


def test_padding_case_and_space_in_contents_are_found(sealer: Sealer, paper_pdf: bytes) -> None:
    sealed = sealer.seal(paper_pdf, claimed_at=CLAIMED).data
    for _, first, resume, _ in byte_ranges(sealed):
        contents = sealed[first:resume]
        lower = contents.lower()
        for spoilt in (lower, contents[:-3] + b"1" + contents[-2:], contents[:-3] + b"  >"):
            with pytest.raises(SealRefused):
                _check(sealer, paper_pdf, sealed[:first] + spoilt + sealed[resume:])


@pytest.mark.parametrize(
    "asked", [level for level in BaselineLevel if level is not BaselineLevel.B_T]
)
def test_another_level_than_asked_is_found(
    sealer: Sealer, paper_pdf: bytes, asked: BaselineLevel
) -> None:
    sealed = sealer.seal(paper_pdf, claimed_at=CLAIMED, level=BaselineLevel.B_T).data
    with pytest.raises(SealRefused):
        _check(sealer, paper_pdf, sealed, asked)


def test_another_input_and_more_bytes_at_the_end_are_found(
    sealer: Sealer, paper_pdf: bytes
) -> None:
    sealed = sealer.seal(paper_pdf, claimed_at=CLAIMED).data
    with pytest.raises(SealRefused):
        _check(sealer, b"%" + paper_pdf, sealed)
    with pytest.raises(SealRefused):
        _check(sealer, paper_pdf, sealed + b"\n")
    with pytest.raises(SealRefused):
        _check(sealer, paper_pdf, sealed[:-1])
