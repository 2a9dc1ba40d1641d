"""A checkpoint says what its ledger's key signed, or it is none."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.ledger.checkpoint import CheckpointSigner, TreeHead, VerifierKey, open_checkpoint

SIGNER = CheckpointSigner("kho/99001/test", Ed25519PrivateKey.from_private_bytes(bytes(32)))
HEAD = TreeHead("kho/99001/test", 7, bytes(range(32)))


def test_a_checkpoint_states_origin_size_and_root() -> None:
    note = SIGNER.sign(HEAD)
    assert note.decode().split("\n")[:3] == [
        HEAD.origin,
        "7",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    ]
    assert open_checkpoint(note, SIGNER.verifier) == HEAD


def test_signing_twice_gives_the_same_bytes() -> None:
    assert SIGNER.sign(HEAD) == SIGNER.sign(HEAD)


def test_a_verifier_key_is_read_back() -> None:
    assert VerifierKey.parse(str(SIGNER.verifier)) == SIGNER.verifier


def test_the_key_id_is_that_of_the_signed_note_specification() -> None:
    # Go's golang.org/x/mod/sumdb/note documents this key; its id is computed over name, line feed,
    # type and key.
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert str(VerifierKey.parse(text)) == text


@pytest.mark.parametrize("position", range(0, 120, 7))
def test_no_byte_of_a_checkpoint_can_change(position: int) -> None:
    note = bytearray(SIGNER.sign(HEAD))
    note[position] ^= 1
    with pytest.raises(ValueError, match="checkpoint"):
        open_checkpoint(bytes(note), SIGNER.verifier)


def test_another_key_of_the_same_name_signs_nothing_here() -> None:
    other = CheckpointSigner("kho/99001/test", Ed25519PrivateKey.generate())
    with pytest.raises(ValueError, match="not signed"):
        open_checkpoint(other.sign(HEAD), SIGNER.verifier)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000+AAAA",
        "na me+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="key"):
        VerifierKey.parse(text)
