"""What the kernel lacks is named, in both languages."""

import pytest

from archive.isolation.sandbox.weaknesses import weaknesses


@pytest.mark.parametrize(
    ("abi", "filters", "names"),
    [
        (7, True, []),
        (6, True, []),
        (5, True, ["landlock-6"]),
        (0, True, ["landlock"]),
        (0, False, ["landlock", "seccomp"]),
        (6, False, ["seccomp"]),
    ],
)
def test_each_weakness_is_named(abi: int, filters: bool, names: list[str]) -> None:
    missing = weaknesses(abi, filters)
    assert [weakness.name for weakness in missing] == names
    assert all(weakness.what.vi and weakness.what.en for weakness in missing)


def test_this_kernel_is_asked() -> None:
    assert {weakness.name for weakness in weaknesses()} <= {"landlock", "landlock-6", "seccomp"}
