"""poppler's `pdfsig`: what another PDF library says of the signatures in a file (digest, coverage;
not trust).
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.judges.missing import require_program

_VALID = "Signature is Valid."
_RANGE = re.compile(r"\[(\d+) - (\d+)\]")


@dataclass(frozen=True, slots=True)
class SignatureSeen:
    """One signature as `pdfsig` sees it, in the order of the file.

    `ranges` are the signed byte ranges, each (first, one past the last); `total_document_signed`
    says that they reach the file's end around the signature itself; `says` is pdfsig's own word on
    the digest.
    """

    field: str
    kind: str  # the SubFilter, e.g. ETSI.CAdES.detached
    signer: str  # common name
    ranges: tuple[tuple[int, int], ...]
    total_document_signed: bool
    says: str

    @property
    def valid(self) -> bool:
        """Return whether the digest and the signature over it are right."""
        return self.says == _VALID


def judge(path: Path) -> list[SignatureSeen]:
    """Return the signatures that `pdfsig` sees in `path`; none for a file without any.

    A document timestamp is listed with the kind `unknown`: Debian's poppler does not know
    ETSI.RFC3161. Without `pdfsig` the test is skipped loudly, in CI it fails. Raises
    :class:`RuntimeError` where pdfsig cannot read the file.
    """
    require_program("pdfsig")
    done = subprocess.run(
        ["pdfsig", "-nocert", str(path)],
        capture_output=True,
        text=True,
        check=False,
        # Its sentences are parsed, so no translations; no home, so no user's own certificate store
        # is used.
        env={**os.environ, "LC_ALL": "C", "TZ": "UTC", "HOME": "/nonexistent"},
    )
    if "does not contain any signatures" in done.stdout:
        return []
    if done.returncode != 0:
        raise RuntimeError(f"pdfsig cannot read {path}: {done.stdout}{done.stderr}")
    return [
        _parse(block)
        for block in re.split(r"^Signature #\d+:$", done.stdout, flags=re.MULTILINE)[1:]
    ]


def _parse(block: str) -> SignatureSeen:
    lines = [line.removeprefix("  - ") for line in block.splitlines()]
    said = dict(line.split(": ", 1) for line in lines if ": " in line)
    ranges = _RANGE.findall(said["Signed Ranges"])
    return SignatureSeen(
        field=said["Signature Field Name"],
        kind=said["Signature Type"],
        signer=said.get("Signer Certificate Common Name", ""),
        ranges=tuple((int(first), int(end)) for first, end in ranges),
        total_document_signed="Total document signed" in lines,
        says=said.get("Signature Validation", ""),
    )
