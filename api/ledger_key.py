"""The ledger's private key, which signs checkpoints: an Ed25519 key as PEM in the home, for its owner only."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from api.private_file import write_private
from api.read_only import ReadOnlyHome
from archive.errors import Misconfigured
from archive.ledger.checkpoint import CheckpointSigner, VerifierKey


def ledger_key(file: Path) -> Ed25519PrivateKey:
    """Return the key in `file`, made first where there is none. Raises Misconfigured for another kind of key."""
    if not file.exists():
        private = Ed25519PrivateKey.generate()
        write_private(file, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())
    return _read(file)


def public_key(file: Path) -> bytes | None:
    """Return the public key (32 bytes) of the key in `file`; None where there is none. Raises Misconfigured."""
    return _read(file).public_key().public_bytes_raw() if file.exists() else None


def checkpoint_signer(file: Path, verifier: str) -> CheckpointSigner:
    """Return the signer whose verifier key act 0 states; raises ReadOnlyHome, Misconfigured for another key."""
    if not file.exists():
        raise ReadOnlyHome
    signer = CheckpointSigner(VerifierKey.parse(verifier).name, _read(file))
    if str(signer.verifier) != verifier:
        raise Misconfigured(why_vi="khóa sổ nhật ký không khớp", why_en="the ledger key is not this ledger's")
    return signer


def _read(file: Path) -> Ed25519PrivateKey:
    try:
        private = load_pem_private_key(file.read_bytes(), None)
    except (ValueError, TypeError, OSError) as error:
        raise Misconfigured(why_vi="không đọc được khóa sổ nhật ký", why_en="the ledger key cannot be read") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise Misconfigured(why_vi="khóa sổ nhật ký không phải Ed25519", why_en="the ledger key is not Ed25519")
    return private
