"""The pages that say how to check a take-away with other tools, in Vietnamese and English."""

from collections.abc import Iterator
from importlib.resources import files

# name in the ZIP: file beside this one; the script runs at the reader's, and never in Kho
_GUIDES = {
    "HUONG-DAN.txt": "HUONG-DAN.txt",
    "README.txt": "README.txt",
    "check_ledger.py": "check_ledger.txt",
}


def guide_files() -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of each guide, and of the script that they name."""
    for name, file in _GUIDES.items():
        yield name, files(__package__).joinpath("guide", file).read_bytes()
