"""Where the corpus is made: the test PKI and every maker, warm."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from tests.signing.validation.corpus.bases import base
from tests.signing.validation.corpus.makers.java import JavaMaker
from tests.signing.validation.corpus.makers.nss import Nss
from tests.signing.validation.corpus.makers.pyhanko import PyHanko
from tests.signing.validation.corpus.pki import CorpusPki, corpus_pki


@dataclass
class Workshop:
    """The makers, each started at its first order."""

    pki: CorpusPki
    _open: ExitStack
    _originals: dict[str, bytes] = field(default_factory=dict)

    @cached_property
    def pyhanko(self) -> PyHanko:
        """The maker pyHanko."""
        return PyHanko(self.pki)

    @cached_property
    def dss(self) -> JavaMaker:
        """The maker EU DSS."""
        return self._java("maker_dss")

    @cached_property
    def pdfbox(self) -> JavaMaker:
        """The maker Apache PDFBox."""
        return self._java("maker_pdfbox")

    @cached_property
    def openpdf(self) -> JavaMaker:
        """The maker OpenPDF."""
        return self._java("maker_openpdf")

    @cached_property
    def nss(self) -> Nss:
        """The maker poppler with NSS."""
        maker = Nss(self.pki)
        self._open.callback(maker.close)
        return maker

    def kho(self, kind: str) -> bytes:
        """Return the base `kind` as Kho seals it, B-LTA."""
        if kind not in self._originals:
            with self.pki.running.open_sealer() as sealer:
                sealed = sealer.seal(base(kind), claimed_at=datetime.now(UTC))
            self._originals[kind] = sealed.data
        return self._originals[kind]

    def _java(self, name: str) -> JavaMaker:
        maker = JavaMaker(name, self.pki)
        self._open.callback(maker.close)
        return maker


@contextmanager
def workshop(folder: Path) -> Iterator[Workshop]:
    """Open a workshop whose PKI lies in `folder`, until the end of the block."""
    with ExitStack() as stack:
        pki = stack.enter_context(corpus_pki(folder))
        yield Workshop(pki, stack)
