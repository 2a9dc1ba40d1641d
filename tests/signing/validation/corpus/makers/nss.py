"""poppler's `pdfsig` with Mozilla's NSS, as Linux desktops sign: adbe.pkcs7.detached and CAdES."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.signing.validation.corpus.bases import EMPTY_FIELD, KINDS, base
from tests.signing.validation.corpus.pki import PASSPHRASE, CorpusPki
from tests.signing.validation.corpus.specimen import Specimen

MAKER = "poppler/NSS"
PROGRAMS = ("pdfsig", "certutil", "pk12util")
_NICKNAME = re.compile(r"using nickname: (.*)")


class Nss:
    """`pdfsig` with a certificate store of its own. Close it after use."""

    def __init__(self, pki: CorpusPki) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._pki = pki
        self._nicknames: dict[str, str] = {}
        self._store = f"sql:{self._folder.name}"
        self._run("certutil", "-N", "-d", self._store, "--empty-password")
        root = ("-n", "root", "-t", "CT,C,C", "-i", str(pki.trust_path))
        self._run("certutil", "-A", "-d", self._store, *root)

    def sign(self, pdf: bytes, signer: str = "seal-sub", *options: str) -> bytes:
        """Return `pdf` signed; `options` are those of `pdfsig`."""
        source, target = (Path(self._folder.name) / name for name in ("in.pdf", "out.pdf"))
        source.write_bytes(pdf)
        if "-sign" not in options:
            options = ("-add-signature", "-new-signature-field-name", f"By {signer}", *options)
        nickname = self._nickname(signer)
        files = (str(source), str(target))
        self._run("pdfsig", "-nssdir", self._store, "-nick", nickname, *options, *files)
        return target.read_bytes()

    def close(self) -> None:
        """Remove the store."""
        self._folder.cleanup()

    def _nickname(self, signer: str) -> str:
        if signer not in self._nicknames:
            key = ("-i", str(self._pki.p12(signer)), "-W", PASSPHRASE)
            done = self._run("pk12util", "-d", self._store, *key)
            (self._nicknames[signer],) = _NICKNAME.findall(done)
        return self._nicknames[signer]

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LC_ALL": "C.UTF-8", "HOME": self._folder.name},
        )
        if done.returncode != 0:
            raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr


def specimens(nss: Nss) -> Iterator[Specimen]:
    """Yield every file that pdfsig makes by itself."""
    for kind in KINDS:
        signed = nss.sign(base(kind))
        yield _specimen(f"{kind}-detached", "CMS", signed, "adbe.pkcs7.detached")
    signed = nss.sign(base("form"), "seal-sub", "-sign", EMPTY_FIELD, "-etsi")
    yield _specimen("cades", "B-B", signed, "ETSI.CAdES.detached")
    signed = nss.sign(base("form"), "seal-sub", "-sign", EMPTY_FIELD)
    yield _specimen("existing-field", "CMS", signed, "in the form's own signature field")
    second = nss.sign(nss.sign(base("rich")), "seal-sub", "-new-signature-field-name", "Second")
    yield _specimen("countersigned", "CMS", second, "signed twice")


def _specimen(name: str, level: str, pdf: bytes, note: str) -> Specimen:
    return Specimen(f"nss-{name}", MAKER, level, pdf, note=note)
