"""Makes `docs/stores.json` and `docs/stores.md`: tries every store of the tests for real.

Run `.venv/bin/python docs/make_stores.py`; it needs Go, strace, openssl and the `test` extra.
`--page` writes the page again from the JSON that is there, without trying anything.
"""

import json
import sys
import tempfile
from pathlib import Path

from archive.base.clock import SystemClock
from archive.conformance.folder import try_folder
from archive.vault.folder import FolderVault
from tests.stores.page import page
from tests.stores.trials import SERVERS, as_kept, try_server

DOCS = Path(__file__).parent


def main() -> None:
    """Try all stores, or take what was found before, and write the page."""
    file = DOCS / "stores.json"
    if "--page" not in sys.argv:
        stores = {}
        for name in SERVERS:
            sys.stderr.write(f"{name}\n")
            stores[name] = as_kept(try_server(name))
        with tempfile.TemporaryDirectory() as folder:
            vault = Path(folder) / "vault"
            stores["folder"] = as_kept(try_folder(FolderVault(vault, SystemClock()), vault))
        file.write_text(json.dumps(stores, ensure_ascii=False, indent=1) + "\n", "utf-8")
    (DOCS / "stores.md").write_text(page(json.loads(file.read_text("utf-8"))), "utf-8")


if __name__ == "__main__":
    main()
