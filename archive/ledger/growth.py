"""How a ledger grows from a signed head: by entries that are signed acts.

The catalogue's nodes do not matter here.

Any process that may write to the catalogue may write any hash into its nodes. So Kho signs a head
only over a tree that begins with the tree of the last signed head, and continues with entries of
acts that the ledger's key has signed. A tile is stored only where its hashes lead to such a head.
"""

from collections.abc import Iterable

from archive.base.errors import IntegrityError
from archive.base.identifiers import Sha256
from archive.ledger import merkle, tiles
from archive.ledger.checkpoint import TreeHead
from archive.ledger.merkle import NodeReader


def grown(old: TreeHead, digests: Iterable[Sha256], read: NodeReader) -> TreeHead:
    """Return the head of the tree of the signed head `old` with the acts of these digests appended.

    `read` reads the catalogue's nodes. Raises IntegrityError where these are not those of `old`, or
    not those of the acts.
    """
    # the newest complete subtree of each height: roots are made of these
    edge: dict[int, tuple[int, bytes]] = {}

    def remembered(level: int, position: int) -> bytes:
        if level not in edge or edge[level][0] != position:
            edge[level] = position, read(level, position)
        return edge[level][1]

    # The nodes that make up the old root are all that appending needs of the old tree.
    if merkle.root(old.size, remembered) != old.root:
        raise IntegrityError(object=f"ledger nodes below {old.size}")
    size = old.size
    for size, digest in enumerate(digests, start=old.size + 1):
        for level, position, value in merkle.appended(
            size - 1, merkle.leaf_hash(merkle.entry(digest)), remembered
        ):
            if read(level, position) != value:
                raise IntegrityError(object=f"ledger node {level}/{position}")
            edge[level] = position, value
    return TreeHead(old.origin, size, merkle.root(size, remembered))


def require_tile(head: TreeHead, level: int, number: int, tile: bytes, read: NodeReader) -> None:
    """Return if the full `tile` belongs to the tree of the trusted `head`; raises IntegrityError.

    `read` reads the catalogue's nodes for the path from the tile to the root. A wrong node leads to
    another root.
    """
    top = merkle.root_of_subtree(
        tiles.top(tile), (level + 1) * tiles.HEIGHT, number, head.size, read
    )
    if top != head.root:
        raise IntegrityError(object=tiles.tile_name(level, number))
