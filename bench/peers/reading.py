"""Plain reading: every file that standard input names, read whole and hashed. Prints the seconds."""

import hashlib
import sys
import time
from pathlib import Path


def main() -> None:
    """Read."""
    names = sys.stdin.read().splitlines()
    started = time.perf_counter()
    for name in names:
        hashlib.sha256(Path(name).read_bytes()).digest()
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main()
