"""What every row of the bench gets: a folder of its own, the services, the length of the run, and
homes to work in.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.home import Home
from api.upkeep.setup import DEMO, init_demo
from archive.access.actor import Actor
from bench.papers import job
from bench.services import Services
from ingest.render.typst_renderer import Renderer

CLERK = Actor("Người Đo", "clerk")
OWN_CORE, SERVICES_CORE = 0, 1


@dataclass(frozen=True)
class Context:
    """One run."""

    folder: Path
    long: bool
    services: Services
    elasticsearch: str | None
    records: int  # in the search index

    def pick(self, short: int, long: int) -> int:
        """Return a number for the short or the long form."""
        return long if self.long else short

    @property
    def seal(self) -> tuple[Path, Path, Path, str]:
        """Return the arguments of a sealing program: PKCS#12, passphrase file, roots,
        TSA address.
        """
        pki = self.services.pki
        return pki.p12_path, pki.passphrase_path, pki.trust_path, pki.tsa_url

    def paper(self) -> Path:
        """Return a rendered paper of three pages, not sealed yet."""
        file = self.folder / "paper.pdf"
        if not file.exists():
            file.write_bytes(Renderer().render(job()))
        return file

    @contextmanager
    def home(self, name: str) -> Iterator[Path]:
        """Make a home that seals with the bench's certificates; it is removed at the end of the
        block.
        """
        folder = self.folder / name
        folder.mkdir()
        # A link, so that every home finds the one running service and none starts its own.
        (folder / "testpki").symlink_to(self.services.pki.folder)
        with init_demo(folder, CLERK) as home:
            assert home.open_for_reading().facility.name == DEMO.name
        yield folder
        shutil.rmtree(folder)

    @contextmanager
    def open_home(self, name: str) -> Iterator[Home]:
        """Make such a home and open it."""
        with self.home(name) as folder, Home.open(folder) as home:
            yield home
