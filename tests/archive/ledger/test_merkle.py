"""The tree is RFC 6962's: held against the definition itself, and against the vectors of
Certificate Transparency.
"""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.ledger import merkle

# The eight leaves and roots that the Certificate Transparency implementations share as test
# vectors.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


class Tree:
    """Nodes as the catalogue keeps them, in a dictionary."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        for index, leaf in enumerate(leaves):
            for level, position, value in merkle.appended(index, merkle.leaf_hash(leaf), self.read):
                self.nodes[level, position] = value

    def read(self, level: int, position: int) -> bytes:
        return self.nodes[level, position]


def defined_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(
        b"\x01" + defined_root(leaves[:split]) + defined_root(leaves[split:])
    ).digest()


@pytest.mark.parametrize(("size", "root"), ROOTS.items())
def test_roots_are_those_of_certificate_transparency(size: int, root: str) -> None:
    assert merkle.root(size, Tree(LEAVES).read).hex() == root


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert merkle.root(0, Tree([]).read) == hashlib.sha256(b"").digest()


@given(st.integers(1, 200))
def test_every_size_has_the_root_of_the_definition(size: int) -> None:
    leaves = [bytes([n % 256, n // 256]) for n in range(size)]
    assert merkle.root(size, Tree(leaves).read) == defined_root(leaves)


@given(st.integers(1, 130), st.data())
def test_a_leaf_proves_that_it_is_in_the_tree_and_nothing_else_does(
    size: int, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = [bytes([n % 256]) for n in range(size)]
    tree = Tree(leaves)
    proof = merkle.inclusion_proof(index, size, tree.read)
    root = merkle.root(size, tree.read)
    assert merkle.root_of_inclusion(merkle.leaf_hash(leaves[index]), index, size, proof) == root
    assert merkle.root_of_inclusion(merkle.leaf_hash(b"other"), index, size, proof) != root
    if size > 1:
        with pytest.raises(ValueError, match="the proof is too"):
            merkle.root_of_inclusion(merkle.leaf_hash(leaves[index]), index, size, proof[:-1])
    with pytest.raises(ValueError, match="too long"):
        merkle.root_of_inclusion(merkle.leaf_hash(leaves[index]), index, size, [*proof, b"\0" * 32])


@given(st.integers(min_value=1, max_value=300), st.data())
def test_a_complete_subtree_leads_to_the_root_and_another_hash_does_not(
    size: int, data: st.DataObject
) -> None:
    tree = Tree([str(number).encode() for number in range(size)])
    level, position = data.draw(st.sampled_from(sorted(tree.nodes)))
    value, root = tree.nodes[level, position], merkle.root(size, tree.read)
    assert merkle.root_of_subtree(value, level, position, size, tree.read) == root
    assert merkle.root_of_subtree(bytes(32), level, position, size, tree.read) != root


@given(st.integers(1, 130), st.data())
def test_an_older_head_is_proven_to_be_a_prefix(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    tree = Tree([bytes([n % 256]) for n in range(new)])
    proof = merkle.consistency_proof(old, new, tree.read)
    older, newer = roots_of_consistency(old, new, proof, merkle.root(old, tree.read))
    assert older == merkle.root(old, tree.read)
    assert newer == merkle.root(new, tree.read)


def roots_of_consistency(
    old: int, new: int, proof: list[bytes], old_root: bytes
) -> tuple[bytes, bytes]:
    """The verifier of RFC 9162 §2.1.4.2, independent of the prover."""
    if old == new:
        assert not proof
        return old_root, old_root
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    fn, sn = old - 1, new - 1
    while fn % 2:
        fn, sn = fn // 2, sn // 2
    fr = sr = path[0]
    for value in path[1:]:
        assert sn
        if fn % 2 or fn == sn:
            fr, sr = merkle.node_hash(value, fr), merkle.node_hash(value, sr)
            while fn % 2 == 0 and fn:
                fn, sn = fn // 2, sn // 2
        else:
            sr = merkle.node_hash(sr, value)
        fn, sn = fn // 2, sn // 2
    assert sn == 0
    return fr, sr


def test_a_consistency_proof_is_followed_and_every_other_one_refused() -> None:
    tree = Tree([bytes([number]) for number in range(20)])
    for new in range(1, 21):
        newer = merkle.root(new, tree.read)
        for old in range(1, new + 1):
            older, proof = (
                merkle.root(old, tree.read),
                merkle.consistency_proof(old, new, tree.read),
            )
            merkle.require_consistent(old, new, older, newer, proof)
            wrong = [
                (bytes(32), newer, proof),
                (older, bytes(32), proof),
                (older, newer, [*proof, bytes(32)]),
                *(
                    (older, newer, [*proof[:at], bytes(32), *proof[at + 1 :]])
                    for at in range(len(proof))
                ),
                *((older, newer, proof[:-1]) for _ in proof[:1]),
            ]
            for old_root, new_root, path in wrong:
                with pytest.raises(ValueError, match="proof"):
                    merkle.require_consistent(old, new, old_root, new_root, path)
