"""Go's transparency logs (golang.org/x/mod/sumdb) judging our ledger: note signatures, roots,
tiles, proofs.
"""

import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from archive.base.identifiers import Sha256
from tests.judges.build import BuildFailed, once, run
from tests.waiting import PATIENCE

__all__ = ["BuildFailed", "LedgerJudge", "LedgerVerdict", "build"]

SOURCE = Path(__file__).parent / "go" / "ledger"


@dataclass(frozen=True, slots=True)
class LedgerVerdict:
    """What Go says: `fault`, empty where nothing is wrong; `origin` and `sizes` of the checkpoints
    it opened.
    """

    fault: str
    origin: str
    sizes: list[int]

    @property
    def ok(self) -> bool:
        """Return whether nothing is wrong."""
        return not self.fault


@dataclass(frozen=True, slots=True)
class LedgerJudge:
    """The built program.

    `key` is a note verifier key, or the keys of one ledger with commas between.
    """

    program: Path

    def ledger(self, folder: Path, key: str, rest: Iterable[Sha256]) -> LedgerVerdict:
        """Judge a ledger copied out of a vault: `folder` holds `tile/` and `checkpoint/`.

        Every tile, bundle and checkpoint must be what the entries give, none missing and none too
        many, and the newest checkpoint must be of all entries. `rest` are the acts that are in no
        full entry bundle yet, in order.
        """
        return self._ask(key, "ledger", str(folder), lines=rest)

    def inclusion(self, key: str, proof: Path, act: Sha256) -> LedgerVerdict:
        """Judge whether a `.tlog-proof` file proves that the ledger holds `act`."""
        return self._ask(key, "inclusion", str(proof), act)

    def consistency(
        self, key: str, older: Path, newer: Path, proof: Iterable[str]
    ) -> LedgerVerdict:
        """Judge a proof (hashes in base64) that the ledger of one checkpoint file is a prefix of
        the other's.
        """
        return self._ask(key, "consistency", str(older), str(newer), lines=proof)

    def _ask(self, *question: str, lines: Iterable[str] = ()) -> LedgerVerdict:
        """Return the verdict; raises :class:`RuntimeError` where there is none (a file is missing,
        a key is no key).
        """
        request = "".join(f"{line}\n" for line in lines)
        command = [str(self.program), *question]
        done = subprocess.run(
            command, input=request, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        if done.returncode != 0:
            raise RuntimeError(f"the Go judge has no verdict: {done.stderr}")
        return LedgerVerdict(**json.loads(done.stdout))


def build() -> LedgerJudge:
    """Return the judge, built if it is not there yet. Raises :class:`BuildFailed`."""
    return LedgerJudge(once(SOURCE, _make) / "judge")


def _make(folder: Path) -> None:
    # What go.mod and go.sum pin and nothing newer; the Go that is there, and no C compiler.
    env = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
    run(
        "go",
        "build",
        "-buildvcs=false",
        "-trimpath",
        "-o",
        str(folder / "judge"),
        ".",
        folder=SOURCE,
        env=env,
    )
