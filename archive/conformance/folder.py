"""The trial of a folder vault: what its locks are worth, and whether its disk is fit."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from archive.base.identifiers import new_id
from archive.conformance.case import Broken, Cases, Finding, NotTried, Outcome
from archive.conformance.catalogue import catalogue
from archive.conformance.findings import Findings
from archive.files.durable import write_synced
from archive.files.folders import FolderMaker, locked, sync_folder
from archive.vault.contract import LockNotKept, Vault

MAKE = "folder"
_MOUNTS = Path("/proc/self/mountinfo")
# Kept in memory, or on another machine whose locks, links and syncs are not this kernel's.
UNFIT = frozenset(
    {
        "tmpfs",
        "ramfs",
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "afs",
        "ceph",
        "fuse.sshfs",
        "vboxsf",
    }
)


@dataclass(frozen=True, slots=True)
class FolderTrial:
    """What a case is given: the vault, and its folder."""

    vault: Vault
    root: Path


FOLDER_CASES: Cases[FolderTrial] = Cases()


def try_folder(vault: Vault, root: Path) -> Findings:
    """Try a folder vault and return what was found; its folder is made if it is not there.

    Raises VaultError.
    """
    FolderMaker(root).make(root)
    trial = FolderTrial(vault, root)
    cases = tuple(catalogue().of("folder", MAKE))
    return Findings(MAKE, "", "", cases, tuple(_find(case.id, trial) for case in cases))


def _find(case: str, trial: FolderTrial) -> Finding:
    try:
        FOLDER_CASES.functions[case](trial)
    except Broken as broken:
        return Finding(case, Outcome.FAILED, str(broken))
    except NotTried as reason:
        return Finding(case, Outcome.NOT_RUN, str(reason))
    return Finding(case, Outcome.PASSED)


@FOLDER_CASES.tries("folder.kept_by_kho")
def _kept_by_kho(trial: FolderTrial) -> None:
    """Try the canary."""
    try:
        trial.vault.check_lock_is_kept()
    except LockNotKept as lost:
        raise Broken("the canary was not kept") from lost


@FOLDER_CASES.tries("folder.kept_by_store")
def _kept_by_store(trial: FolderTrial) -> None:
    """Report that no folder keeps the lock itself."""
    raise Broken("locks are Kho's own files")


@FOLDER_CASES.tries("folder.own")
def _own(trial: FolderTrial) -> None:
    """Check that Kho's user owns the folder and that no other user may enter it."""
    status = trial.root.stat()
    if status.st_uid != os.geteuid():
        raise Broken("another user owns it")
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise Broken(f"mode {stat.S_IMODE(status.st_mode):04o}")


@FOLDER_CASES.tries("folder.syncs")
def _syncs(trial: FolderTrial) -> None:
    """Check that the folder is on a local disk, and do the file operations of a put there."""
    if not _MOUNTS.exists():
        raise NotTried("the list of mounted disks")
    kind = file_system(_MOUNTS.read_text("utf-8", "replace"), trial.root.resolve())
    if kind in UNFIT:
        raise Broken(f"the file system is {kind}")
    part = trial.root / f".{new_id()}.new"
    linked = part.with_suffix(".linked")
    try:
        with locked(trial.root):
            write_synced(part, b"Kho trial\n", 0o400)
            os.link(part, linked)
            sync_folder(trial.root)
    except OSError as refusal:
        raise Broken(refusal.strerror or type(refusal).__name__) from refusal
    finally:
        for file in (part, linked):
            file.unlink(missing_ok=True)


def file_system(mounts: str, path: Path) -> str:
    """Return the kind of file system that holds `path`.

    `mounts` is the text of `/proc/self/mountinfo` (proc(5)).
    """
    longest, kind = Path(), ""
    for line in mounts.splitlines():
        fields, _, more = line.partition(" - ")
        # blanks are written as \040
        place = Path(fields.split()[4].encode().decode("unicode_escape"))
        if path.is_relative_to(place) and len(place.parts) >= len(longest.parts):
            longest, kind = place, more.split()[0]
    return kind
