"""A maker that is a Java program: an order is a line of JSON, the files lie in a working folder."""

import json
import tempfile
from pathlib import Path
from typing import Any

from tests.judges import java_judge
from tests.judges.warm import WarmProcess
from tests.signing.validation.corpus.pki import PASSPHRASE, CorpusPki

SOURCES = Path(__file__).parents[1] / "java"


class OrderRefused(Exception):
    """The maker could not make a file; the message says which order, and why."""


class JavaMaker:
    """One warm maker. Close it after use."""

    def __init__(self, name: str, pki: CorpusPki) -> None:
        """Build the program `name` if it is not built, and start it; raises
        :class:`tests.judges.java_judge.BuildFailed`.
        """
        self._process = WarmProcess(java_judge.build(name, SOURCES).command("-Xmx512m"))
        self._folder = tempfile.TemporaryDirectory()
        self._pki = pki

    def sign(self, pdf: bytes, signer: str = "seal", **order: Any) -> bytes:
        """Return `pdf` signed as `order` says (see the program); raises :class:`OrderRefused`."""
        return self.make(pdf, action="sign", p12=str(self._pki.p12(signer)), **order)

    def make(self, pdf: bytes, **order: Any) -> bytes:
        """Return what the maker makes of `pdf`; raises :class:`OrderRefused`."""
        source, target = (Path(self._folder.name) / name for name in ("in.pdf", "out.pdf"))
        source.write_bytes(pdf)
        tsa = self._pki.tsa_url(order.pop("tsa", "tsa"))
        whole = {
            "in": str(source),
            "out": str(target),
            "password": PASSPHRASE,
            "tsa": tsa,
            "trust": str(self._pki.trust_path),
            **order,
        }
        error = self._process.ask(json.dumps(whole))["error"]
        if error is not None:
            raise OrderRefused(f"{order}: {error}")
        return target.read_bytes()

    def close(self) -> None:
        """End the program."""
        self._process.close()
        self._folder.cleanup()
