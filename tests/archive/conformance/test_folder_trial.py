"""The trial of a folder: accepted with its limit on a disk of its own, refused where others may
enter.
"""

from pathlib import Path

import pytest

from archive.base.clock import SystemClock
from archive.conformance.case import Outcome
from archive.conformance.folder import file_system, try_folder
from archive.conformance.verdict import Verdict, judge
from archive.vault.folder import FolderVault

MOUNTS = """\
22 1 254:0 / / rw,relatime - ext4 /dev/root rw
23 22 0:21 / /tmp rw shared:5 - tmpfs tmpfs rw
24 22 0:30 / /srv/k\\040ho rw - nfs4 server:/export rw
25 22 254:1 / /srv rw - xfs /dev/vdb rw
"""


def outcomes(root: Path) -> dict[str, Outcome]:
    return {
        finding.case: finding.outcome
        for finding in try_folder(FolderVault(root, SystemClock()), root).findings
    }


def test_a_folder_of_khos_own_is_accepted_with_the_limit_that_root_can_remove_files(
    tmp_path: Path,
) -> None:
    root = tmp_path / "vault"
    trial = try_folder(FolderVault(root, SystemClock()), root)
    judged = judge(trial.cases, trial.findings)
    assert [reason.case for reason in judged.reasons] == ["folder.kept_by_store"]
    assert judged.verdict is Verdict.LIMITED
    assert [file.name for file in root.iterdir()] == ["canary"], (
        "the trial leaves nothing but the canary"
    )


def test_a_folder_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "vault"
    root.mkdir(mode=0o755)
    root.chmod(0o755)
    assert outcomes(root)["folder.own"] is Outcome.FAILED


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/kho/vault", "ext4"),
        ("/tmp/vault", "tmpfs"),
        ("/tmpx/vault", "ext4"),
        ("/srv/vault", "xfs"),
        ("/srv/k ho/vault", "nfs4"),
    ],
)
def test_the_file_system_is_the_innermost_mount(path: str, kind: str) -> None:
    assert file_system(MOUNTS, Path(path)) == kind
