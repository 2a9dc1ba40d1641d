"""A stranger may append any number of updates to a genuine paper: the work of judging them grows as
their number.
"""

import re
from io import BytesIO

import pikepdf
import pytest

from archive.base.errors import Unreadable
from signing.validation.collect import MOST_UPDATES
from signing.validation.result.verdict import Verdict
from tests.archive.counting import steps
from tests.signing.validation.conftest import Check


def updated(pdf: bytes, times: int) -> bytes:
    """Return `pdf` with so many updates (ISO 32000-2, 7.5.6), each with an object that nothing
    uses.
    """
    with pikepdf.open(BytesIO(pdf)) as opened:
        number, root = int(opened.trailer.Size), opened.Root.objgen[0]
    out, before = bytearray(pdf), int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    for _ in range(times):
        place = len(out)
        out += b"%d 0 obj\n<</TEST true>>\nendobj\n" % number
        table = len(out)
        out += b"xref\n%d 1\n%010d 00000 n \ntrailer\n" % (number, place)
        out += b"<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
            number + 1,
            root,
            before,
            table,
        )
        before = table
    return bytes(out)


def test_work_grows_as_the_number_of_updates(sealed: bytes, check: Check) -> None:
    few, many = updated(sealed, 50), updated(sealed, 400)
    assert check(few).verdict is Verdict.INVALID
    base = steps(lambda: check(sealed))
    assert steps(lambda: check(many)) - base < 16 * (steps(lambda: check(few)) - base)


def test_a_signed_file_of_very_many_updates_is_not_judged(sealed: bytes, check: Check) -> None:
    with pytest.raises(Unreadable, match="updates"):
        check(updated(sealed, MOST_UPDATES + 1))
