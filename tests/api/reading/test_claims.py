"""Which spellings of a facility's name are its name: a forger writes it so that a reader sees no
difference.
"""

import pytest

from api.reading.claims import _letters

NAME = "Bệnh viện Đa khoa Thử Nghiệm"


@pytest.mark.parametrize(
    "spelled",
    [
        "BỆNH VIỆN ĐA KHOA THỬ NGHIỆM",
        "Bệnh viện\u200b Đa khoa Thử Nghiệm",
        "Bệnh vi\u00adện Đa khoa Thử Nghiệm",
        "Bệnh viện Ða khoa Thử Nghiệm",
        "Bệnh vıện Đa khoa Thử Nghiệm",
        "Bệnh viện Đa khoa Thử Nghiệm\x00",
        "Bệnh  viện-Đa khoa, Thử\u00a0Nghiệm.",
        "Bệnh viện Đа khоа Thử Nghiệm",
        "Benh vien Da khoa Thu Nghiem",
    ],
)
def test_a_name_that_reads_alike_is_the_name(spelled: str) -> None:
    assert _letters(spelled) == _letters(NAME)


@pytest.mark.parametrize("other", ["Bệnh viện Đa khoa Mẫu", "Bệnh viện Đa khoa Thử Nghiệm 2", ""])
def test_another_name_is_another(other: str) -> None:
    assert _letters(other) != _letters(NAME)
