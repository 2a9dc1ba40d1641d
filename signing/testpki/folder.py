"""Where a test PKI lives on disk, what is in its folder, and whether it is still good."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from archive.base.clock import for_people, iso, parse_iso
from archive.base.errors import KhoError
from archive.files.durable import replace_file

SCHEMA = "kho-testpki/1"
STATE = "testpki.json"
RUNNING = "running.json"  # what the service process says of itself: {"pid", "base_url"}


class TestPkiExpired(KhoError):
    """The test PKI's certificates have run out: seals would be worthless."""

    __test__ = False
    code = "testpki.expired"


class TestPkiNotYetValid(KhoError):
    """The test PKI's certificates begin in the future: they were made under another clock, or this
    one is slow.
    """

    __test__ = False
    code = "testpki.not_yet_valid"


@dataclass(frozen=True, slots=True)
class TestPki:
    """One test PKI: the files of its present generation and the addresses in its certificates.

    `base_url` (scheme, host, port; no slash at the end) is the address in the certificates. The
    service may answer at another port, when that one is taken:
    :func:`signing.testpki.running.ensure_running` returns it.
    """

    __test__: ClassVar[bool] = False

    folder: Path
    base_url: str
    facility_name: str
    generation: int
    tag: str
    made_at: datetime
    expires_at: datetime

    @property
    def arch(self) -> str:
        """The name of this generation inside URLs and Certomancer's configuration."""
        return f"g{self.generation}"

    @property
    def trust_path(self) -> Path:
        """PEM file with the roots of every generation, the present one first."""
        return self.folder / "trust.pem"

    @property
    def p12_path(self) -> Path:
        """PKCS#12 file with the facility's seal key and chain."""
        return self.folder / "seal.p12"

    @property
    def passphrase_path(self) -> Path:
        """File (0600) with the passphrase of :attr:`p12_path`."""
        return self.folder / "seal.pass"

    @property
    def request_log_path(self) -> Path:
        """JSON lines: what the service answered, one line a request."""
        return self.folder / "requests.jsonl"

    @property
    def generation_folder(self) -> Path:
        """Keys and configuration of the present generation."""
        return self.folder / f"generation-{self.generation}"

    @property
    def tsa_url(self) -> str:
        """The RFC 3161 address."""
        return f"{self.base_url}/{self.arch}/tsa/tsa"

    @property
    def passphrase(self) -> bytes:
        """The passphrase of the PKCS#12 file."""
        return self.passphrase_path.read_bytes().strip()

    def save(self) -> None:
        """Write the state file."""
        state = asdict(self) | {
            "schema": SCHEMA,
            "made_at": iso(self.made_at),
            "expires_at": iso(self.expires_at),
        }
        del state["folder"]
        replace_file(self.folder / STATE, json.dumps(state, ensure_ascii=False, indent=1))


def read_test_pki(folder: Path) -> TestPki:
    """Read the state of the test PKI in `folder`, expired or not; raises
    :class:`FileNotFoundError`.
    """
    state: Mapping[str, Any] = json.loads((folder / STATE).read_text(encoding="utf-8"))
    if state["schema"] != SCHEMA:
        raise ValueError(f"not a test PKI of this version: {state['schema']}")
    return TestPki(
        folder=folder,
        base_url=state["base_url"],
        facility_name=state["facility_name"],
        generation=state["generation"],
        tag=state["tag"],
        made_at=parse_iso(state["made_at"]),
        expires_at=parse_iso(state["expires_at"]),
    )


def open_test_pki(folder: Path, now: datetime) -> TestPki:
    """Read the test PKI in `folder`; raises TestPkiNotYetValid or TestPkiExpired unless it is good
    at `now`.
    """
    pki = read_test_pki(folder)
    begins = pki.made_at - timedelta(days=1)
    if now < begins:
        raise TestPkiNotYetValid(begins=for_people(begins), now=for_people(now))
    if now >= pki.expires_at:
        raise TestPkiExpired(expired=pki.expires_at.strftime("%d/%m/%Y"))
    return pki
