"""Whatever happens to a file on its way, looking at it ends in an answer: accepted as it is, or
refused.
"""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.base.errors import SubmissionRejected
from ingest.sources.kinds import kind_of
from tests.ingest.files.papers import image_file, plain_pdf, scanned_pdf
from tests.ingest.files.test_examiner import examined

FILES = {
    "pdf": plain_pdf(),
    "scan": scanned_pdf(),
    "jpeg": image_file("JPEG", resolution=40),
    "png": image_file("PNG", resolution=40),
    "tiff": image_file("TIFF", pages=2, resolution=40),
}
HARM = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def looked_at(data: bytes) -> None:
    """Examine a file; the only error is a refusal, and what is taken is taken unchanged."""
    with suppress(SubmissionRejected):
        assert examined(data, "a").data == data


@pytest.mark.parametrize("name", FILES)
@HARM
@given(data=st.data())
def test_flipped_bits_end_in_an_answer(name: str, data: st.DataObject) -> None:
    harmed = bytearray(FILES[name])
    for place in data.draw(st.lists(st.integers(0, len(harmed) * 8 - 1), min_size=1, max_size=20)):
        harmed[place // 8] ^= 1 << place % 8
    looked_at(bytes(harmed))


@pytest.mark.parametrize("name", FILES)
@HARM
@given(data=st.data())
def test_a_cut_file_is_refused(name: str, data: st.DataObject) -> None:
    whole = FILES[name]
    looked_at(whole[: data.draw(st.integers(0, len(whole) - 1))])


@HARM
@given(st.binary(max_size=2000))
def test_what_is_behind_a_header_may_be_anything(rest: bytes) -> None:
    for begin in (b"%PDF-1.7\n", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0"):
        assert kind_of(begin + rest) is not None
        looked_at(begin + rest)
