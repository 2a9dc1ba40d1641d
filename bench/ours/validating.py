"""Kho's validation of B-LTA files, whole. Arguments: roots (PEM), files."""

import itertools
import sys
from pathlib import Path

from bench.loop import pin, serve
from signing.trust import TrustRoots
from signing.validation.result.verdict import Verdict
from signing.validation.validate import validate


def main() -> None:
    """Validate the files in turn."""
    pin()
    roots, *names = sys.argv[1:]
    trust, files = (
        TrustRoots.from_files(Path(roots)),
        itertools.cycle([Path(name).read_bytes() for name in names]),
    )

    def check() -> int:
        pdf = next(files)
        assert validate(pdf, trust).verdict is Verdict.VALID
        return len(pdf)

    serve(check)


if __name__ == "__main__":
    main()
