"""How a ledger grows from a signed head: by entries that are signed acts, whatever the catalogue's nodes say.

Any process that may write to the catalogue may write any hash into its nodes. So Kho signs a head only over a tree that
begins with the tree of the last signed head, and continues with entries of acts that the ledger's key has signed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from archive.errors import Damaged
from archive.identifiers import Sha256
from archive.ledger import merkle, tiles
from archive.ledger.checkpoint import Head
from archive.ledger.merkle import NodeReader


@dataclass(frozen=True, slots=True)
class Growth:
    """A tree whose root follows from a signed head and signed acts; `read` gives the top nodes of its new tiles."""

    head: Head
    read: NodeReader

    def require_tile(self, level: int, number: int, tile: bytes) -> None:
        """Return if `tile`, which became full in this growth, holds what its part of the tree holds; raises Damaged."""
        hashes = [tile[at : at + 32] for at in range(0, len(tile), 32)]
        whole = merkle.root(len(hashes), lambda height, place: _complete(hashes, height, place))
        if whole != self.read((level + 1) * tiles.HEIGHT, number):
            raise Damaged(object=tiles.tile_name(level, number))


def grown(old: Head, digests: Iterable[Sha256], read: NodeReader) -> Growth:
    """Return the tree of the signed head `old` with the acts of these digests appended.

    `read` reads the catalogue's nodes. Raises Damaged where these are not those of `old`, or not those of the acts.
    """
    edge: dict[int, tuple[int, bytes]] = {}  # the newest complete subtree of each height: roots are made of these
    tops: dict[tuple[int, int], bytes] = {}  # of tiles

    def remembered(level: int, position: int) -> bytes:
        if level in edge and edge[level][0] == position:
            return edge[level][1]
        if (level, position) in tops:
            return tops[level, position]
        edge[level] = position, read(level, position)
        return edge[level][1]

    # The nodes that make up the old root are all that appending needs of the old tree.
    if merkle.root(old.size, remembered) != old.root:
        raise Damaged(object=f"ledger nodes below {old.size}")
    size = old.size
    for size, digest in enumerate(digests, start=old.size + 1):
        for level, position, value in merkle.appended(size - 1, merkle.leaf_hash(merkle.entry(digest)), remembered):
            if read(level, position) != value:
                raise Damaged(object=f"ledger node {level}/{position}")
            edge[level] = position, value
            if level and level % tiles.HEIGHT == 0:
                tops[level, position] = value
    head = Head(old.origin, size, merkle.root(size, remembered))
    return Growth(head, lambda level, position: tops.get((level, position)) or read(level, position))


def _complete(hashes: list[bytes], level: int, position: int) -> bytes:
    """Return the hash of a complete subtree over `hashes`."""
    if level == 0:
        return hashes[position]
    left, right = (_complete(hashes, level - 1, position * 2 + side) for side in (0, 1))
    return merkle.node_hash(left, right)
