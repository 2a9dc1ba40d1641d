"""What the kernel of this machine can do for the tests of this folder."""

import pytest

from archive.isolation.sandbox import landlock, seccomp


def require_landlock(version: int = 1) -> None:
    """Skip the test loudly where the kernel has no Landlock of `version`: no installation can bring
    it.
    """
    if landlock.version() < version:
        pytest.skip(
            f"NOT JUDGED: Landlock {version} is wanted, this kernel has {landlock.version()}"
        )


def require_seccomp() -> None:
    """Skip the test loudly where the kernel takes no filters or the machine is neither x86-64 nor
    ARM64.
    """
    if not seccomp.available():
        pytest.skip("NOT JUDGED: this machine has no seccomp that Kho knows")
