"""A writer in a process of its own, to be killed or starved: `python -m tests.archive.vault.writer
ACTION KEY NOW`.

`put` stores `BODY` for a day, `extend` moves the lock to two days, `delete` sets the clock after
that and deletes. Prints what the vault answered; a VaultError is printed and ends with exit code 9.
The vault is the folder in `KHO_TEST_ROOT`, or the S3 endpoint in `KHO_TEST_ENDPOINT`.
"""

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

from archive.base.clock import FixedClock, parse_iso
from archive.base.identifiers import ObjectKey
from archive.vault.contract import Vault, VaultError

BODY = b"what must be there whole, or not at all\n" * 500
REFUSED = 9


def main(action: str, key: ObjectKey, now: datetime) -> None:
    """Do one thing to one object."""
    vault = open_vault(now + timedelta(days=3) if action == "delete" else now)
    if action == "put":
        stored = vault.put(key, BODY, retain_until=now + timedelta(days=1), media_type="text/plain")
        print(stored.version)
    elif action == "extend":
        vault.extend(key, vault.stat(key).version, now + timedelta(days=2))
    else:
        vault.delete(key, vault.stat(key).version)


def open_vault(now: datetime) -> Vault:
    """Open the vault that the environment names, at the time `now`."""
    if "KHO_TEST_ROOT" in os.environ:
        from archive.vault.folder import FolderVault

        return FolderVault(Path(os.environ["KHO_TEST_ROOT"]), FixedClock(now))
    from tests.archive.vault.conftest import s3_vault

    return s3_vault(os.environ["KHO_TEST_ENDPOINT"])


if __name__ == "__main__":
    try:
        main(sys.argv[1], ObjectKey(sys.argv[2]), parse_iso(sys.argv[3]))
    except VaultError as refusal:
        print(type(refusal).__name__, refusal)
        sys.exit(REFUSED)
