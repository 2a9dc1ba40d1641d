"""A stranger may append any number of updates to a genuine paper: the work of judging them grows as
their number.
"""

import re
from functools import partial
from io import BytesIO

import pikepdf
import pytest

from archive.base.errors import Unreadable
from signing import revisions
from signing.validation.result.verdict import Verdict
from tests.archive.counting import steps
from tests.signing.validation.authority import DAY, NOW, Authority
from tests.signing.validation.conftest import Check
from tests.signing.validation.test_hostile_files import HOSTILE


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


def test_updates_that_explain_nothing_are_not_valid(sealed: bytes, check: Check) -> None:
    assert check(updated(sealed, 50)).verdict is Verdict.INDETERMINATE


def test_work_does_not_grow_with_updates_that_nothing_signs(sealed: bytes, check: Check) -> None:
    few, many = updated(sealed, 50), updated(sealed, 400)
    assert steps(lambda: check(many)) < 2 * steps(lambda: check(few))


def test_work_grows_as_the_number_of_signed_revisions(
    authority: Authority, paper_pdf: bytes, check: Check
) -> None:
    files = [authority.seal(paper_pdf)]
    for hour in range(1, 9):
        renewed = revisions.Draft(files[-1])
        moment = NOW + hour * DAY / 24
        authority.append_timestamp(renewed, authority.evidence(moment), f"Archive{hour}", moment)
        files.append(renewed.getvalue())
    first, second, last = (steps(partial(check, files[count])) for count in (1, 2, 8))
    assert check(files[8]).verdict is Verdict.VALID
    assert last - first < 16 * (second - first)


def test_a_file_of_very_many_signatures_is_not_judged(check: Check) -> None:
    with pytest.raises(Unreadable, match="signatures"):
        check(HOSTILE["more signatures than any paper has"])
