"""Tiles and entry bundles of C2SP tlog-tiles: their names and their bytes.

Only full ones are stored.
"""

from collections.abc import Iterator, Sequence

from archive.ledger.merkle import NodeReader, node_hash

WIDTH = 256
HEIGHT = 8  # levels of the tree in one tile


def path_number(number: int) -> str:
    """Return a tile number as path elements of three digits, e.g. 1234067 as `x001/x234/067`."""
    groups = [f"{number % 1000:03}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03}")
    return "/".join(reversed(groups))


def tile_name(level: int, number: int) -> str:
    """Return the name of a full tile, e.g. `tile/0/000`."""
    return f"tile/{level}/{path_number(number)}"


def entries_name(number: int) -> str:
    """Return the name of a full entry bundle, e.g. `tile/entries/000`."""
    return f"tile/entries/{path_number(number)}"


def completed_tiles(old: int, new: int) -> Iterator[tuple[int, int]]:
    """Yield (level, number) of each tile that is full at size `new` and was not at size `old`."""
    level, span = 0, WIDTH
    while new // span:
        for number in range(old // span, new // span):
            yield level, number
        level, span = level + 1, span * WIDTH


def tile(level: int, number: int, read: NodeReader, width: int = WIDTH) -> bytes:
    """Return the bytes of a tile: `width` hashes, left to right."""
    first = number * WIDTH
    return b"".join(read(level * HEIGHT, first + offset) for offset in range(width))


def top(tile: bytes) -> bytes:
    """Return the hash of the complete subtree above the hashes of a full tile."""
    hashes = [tile[at : at + 32] for at in range(0, len(tile), 32)]
    while len(hashes) > 1:
        hashes = [
            node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)
        ]
    return hashes[0]


def entry_bundle(entries: Sequence[bytes]) -> bytes:
    """Return an entry bundle: each entry behind its length as a big-endian uint16."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_entry_bundle(data: bytes) -> list[bytes]:
    """Return the entries of a bundle; raises :class:`ValueError` where lengths do not fit."""
    entries, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        if at + 2 + length > len(data):
            raise ValueError("the entry bundle is cut")
        entries.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    return entries
