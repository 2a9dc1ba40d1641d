"""The Merkle tree of RFC 6962 §2.1: pure functions over the hashes of complete subtrees.

A *node* is the hash of a complete subtree of 2**level leaves, the `position`-th of its level. A
tree of any size is made of such nodes, so adding a leaf and proving one both touch only a logarithm
of them.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence

from archive.base.identifiers import Sha256

ENTRY_PREFIX = b"kho-act/1\n"
NodeReader = Callable[[int, int], bytes]  # (level, position) -> hash of that complete subtree


def entry(act_digest: Sha256) -> bytes:
    """Return the ledger entry of an act, 42 bytes.

    It is ASCII `kho-act/1`, a line feed, and the act's SHA-256.
    """
    return ENTRY_PREFIX + bytes.fromhex(act_digest)


def leaf_hash(data: bytes) -> bytes:
    """Return SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def appended(index: int, leaf: bytes, read: NodeReader) -> Iterator[tuple[int, int, bytes]]:
    """Yield (level, position, hash) of each node that leaf `index` completes.

    `leaf` is the hash that is added.
    """
    level, position, value = 0, index, leaf
    yield level, position, value
    while position % 2:
        value = node_hash(read(level, position - 1), value)
        level, position = level + 1, position // 2
        yield level, position, value


def root(size: int, read: NodeReader) -> bytes:
    """Return the root of the tree of the first `size` leaves."""
    return _subtree(0, size, read) if size else hashlib.sha256(b"").digest()


def inclusion_proof(index: int, size: int, read: NodeReader) -> list[bytes]:
    """Return the audit path of leaf `index` among `size` leaves, nearest first.

    See RFC 6962 §2.1.1.
    """
    if not 0 <= index < size:
        raise ValueError("the leaf is not in the tree")
    return _path(index, 0, size, read)


def consistency_proof(old: int, new: int, read: NodeReader) -> list[bytes]:
    """Return the proof that the tree of `old` leaves is a prefix of the tree of `new` leaves.

    See RFC 6962 §2.1.2.
    """
    if not 0 < old <= new:
        raise ValueError("the older tree must be a prefix of the newer")
    return _consistency(old, 0, new, True, read)


def root_of_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root that `proof` gives for `leaf` (RFC 9162 §2.1.3.2).

    Raises ValueError if it cannot fit.
    """
    if not 0 <= index < size:
        raise ValueError("the leaf is not in the tree")
    position, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ValueError("the proof is too long")
        if position % 2 or position == last:
            value = node_hash(sibling, value)
            while position % 2 == 0 and position:
                position, last = position // 2, last // 2
        else:
            value = node_hash(value, sibling)
        position, last = position // 2, last // 2
    if last:
        raise ValueError("the proof is too short")
    return value


def root_of_subtree(value: bytes, level: int, position: int, size: int, read: NodeReader) -> bytes:
    """Return the root of `size` leaves with the hash `value` at a complete subtree.

    The subtree is (`level`, `position`).

    `read` gives the nodes beside the way up. In the tree of `size` leaves, its complete subtrees of
    one level (and the rest at its end) are the leaves of a tree of the same shape (RFC 6962 §2.1:
    each split is at a power of two).
    """
    above = inclusion_proof(position << level, size, read)[level:]
    return root_of_inclusion(value, position, (size + (1 << level) - 1) >> level, above)


def require_consistent(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Return if `proof` shows that the tree of `old` leaves begins the tree of `new` leaves.

    RFC 9162 §2.1.4.2. Raises ValueError where it does not.
    """
    if not 0 < old <= new:
        raise ValueError("the older tree must be a prefix of the newer")
    is_whole = old & (old - 1) == 0 or old == new  # its root is itself a part of the newer tree
    path = [old_root, *proof] if is_whole else list(proof)
    position, last = (old - 1, new - 1) if old < new else (0, 0)
    while position % 2:
        position, last = position // 2, last // 2
    if not path:
        raise ValueError("the proof is too short")
    older = newer = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ValueError("the proof is too long")
        if position % 2 or position == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while position % 2 == 0 and position:
                position, last = position // 2, last // 2
        else:
            newer = node_hash(newer, sibling)
        position, last = position // 2, last // 2
    if last or older != old_root or newer != new_root:
        raise ValueError("the proof does not lead from the older root to the newer")


def _largest_power_below(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def _subtree(start: int, size: int, read: NodeReader) -> bytes:
    if size & (size - 1) == 0:
        return read(size.bit_length() - 1, start // size)
    split = _largest_power_below(size)
    return node_hash(_subtree(start, split, read), _subtree(start + split, size - split, read))


def _path(index: int, start: int, size: int, read: NodeReader) -> list[bytes]:
    if size == 1:
        return []
    split = _largest_power_below(size)
    if index < split:
        return [*_path(index, start, split, read), _subtree(start + split, size - split, read)]
    return [*_path(index - split, start + split, size - split, read), _subtree(start, split, read)]


def _consistency(old: int, start: int, size: int, whole: bool, read: NodeReader) -> list[bytes]:
    if old == size:
        return [] if whole else [_subtree(start, size, read)]
    split = _largest_power_below(size)
    if old <= split:
        return [
            *_consistency(old, start, split, whole, read),
            _subtree(start + split, size - split, read),
        ]
    return [
        *_consistency(old - split, start + split, size - split, False, read),
        _subtree(start, split, read),
    ]
