"""The ledger's private key, which signs checkpoints: an Ed25519 key as PEM in the home, for its
owner only.
"""

from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from api.composition.read_only import ReadOnlyHome
from archive.base.errors import Misconfigured
from archive.base.leases import FileLeases, Lease
from archive.base.settings import Settings
from archive.files.durable import create_file, move_file, replace_file
from archive.ledger.checkpoint import CheckpointSigner
from archive.ledger.keys import KeyNotInForce, LedgerKeys
from retention.health.key_check import KEY_FILE, KeyCheck

LEDGER_KEY = Path(KEY_FILE)
_ENCRYPTED = b"BEGIN ENCRYPTED PRIVATE"


def ledger_key(file: Path, passphrase: str) -> Ed25519PrivateKey:
    """Return the key in `file`, made first where there is none.

    Raises Misconfigured for another kind of key.

    With a `passphrase` a new key is encrypted (PKCS #8, RFC 5958; PBES2, RFC 8018).
    """
    if not file.exists():
        with _alone(file):
            if not file.exists():
                create_file(file, _pem(Ed25519PrivateKey.generate(), passphrase))
    return _read(file, passphrase)


def public_key(file: Path, passphrase: str) -> bytes | None:
    """Return the public key (32 bytes) of the key in `file`; None where there is none.

    Raises Misconfigured.
    """
    return _read(file, passphrase).public_key().public_bytes_raw() if file.exists() else None


def key_check(settings: Settings) -> KeyCheck:
    """Return the check of this home's key file, for `kho check`."""
    file, passphrase = settings.home / KEY_FILE, settings.ledger.passphrase.get_secret_value()
    return KeyCheck(
        public=partial(public_key, file, passphrase),
        prepared=partial(public_key, prepared_file(file), passphrase),
        is_protected=lambda: not passphrase or is_encrypted(file),
        keeps_keys=file.parent.is_dir(),
    )


def checkpoint_signer(file: Path, keys: LedgerKeys, passphrase: str) -> CheckpointSigner:
    """Return the signer of the newest of `keys`, as the acts state them.

    A prepared key that the acts state by now takes the place of the one in `file` first: that is
    where a handover ends, also one that was killed. Raises ReadOnlyHome; KeyNotInForce for a key
    that the ledger has handed over; Misconfigured for another ledger's key.
    """
    if not file.exists():
        raise ReadOnlyHome
    if prepared_file(file).exists():
        _exchange(file, keys, passphrase)
    signer = CheckpointSigner(keys.newest.name, _read(file, passphrase))
    if signer.verifier == keys.newest:
        return signer
    if signer.verifier in keys.all:
        raise KeyNotInForce
    raise Misconfigured(
        why_vi="khóa sổ nhật ký không khớp", why_en="the ledger key belongs to another ledger"
    )


def _exchange(file: Path, keys: LedgerKeys, passphrase: str) -> None:
    """Put the prepared key in the place of the one in `file`, where the acts state it as the
    newest.
    """
    newest, prepared = keys.newest.public, prepared_file(file)
    if public_key(file, passphrase) == newest:
        return
    with _alone(file):  # another process may have done it, or be encrypting both files
        if public_key(file, passphrase) != newest and public_key(prepared, passphrase) == newest:
            move_file(prepared, file)


def prepared_file(file: Path) -> Path:
    """Return where the key lies to which the ledger is about to be handed over."""
    return file.with_name("ledger.next.pem")


def prepared_key(file: Path, keys: LedgerKeys, passphrase: str) -> Ed25519PrivateKey:
    """Return the key to which the ledger of `keys` will be handed over, made where none is
    prepared.

    A prepared key that no act states is never replaced: such an act may be on its way to the vault.
    A key that the ledger had already (a backup brings it back) is replaced: no ledger takes a key
    twice. Raises Misconfigured.
    """
    prepared = prepared_file(file)
    if prepared.exists():
        with _alone(file):
            is_spent = public_key(prepared, passphrase) in {key.public for key in keys.all}
            if is_spent and public_key(file, passphrase) == keys.newest.public:
                prepared.unlink()
    return ledger_key(prepared, passphrase)


def protect(file: Path, passphrase: str) -> None:
    """Rewrite the key in `file`, and the prepared key if there is one, encrypted with `passphrase`.

    A file is replaced as a whole: a crash leaves the old or the new one. Raises ReadOnlyHome
    without a key; Misconfigured without a passphrase, or if the passphrase does not open the key.
    """
    if not passphrase:
        raise Misconfigured(
            why_vi="chưa đặt ledger.passphrase (KHO_LEDGER__PASSPHRASE)",
            why_en="ledger.passphrase (KHO_LEDGER__PASSPHRASE) is not set",
        )
    if not file.exists():
        raise ReadOnlyHome
    with _alone(file):  # else this could overwrite a key that another process wrote after the read
        for each in filter(Path.exists, (file, prepared_file(file))):
            replace_file(each, _pem(_read(each, passphrase), passphrase))


def is_encrypted(file: Path) -> bool:
    """Return whether the PEM in `file` is an encrypted key (RFC 7468 §11); False where there is no
    file.
    """
    return file.exists() and _ENCRYPTED in file.read_bytes()


def _alone(file: Path) -> AbstractContextManager[Lease, bool | None]:
    """Return the right to change key files beside `file` on this host.

    Raises LeaseHeld, Unavailable.
    """
    return FileLeases(file.parent.with_name("leases")).hold("ledger-key-files")


def _pem(private: Ed25519PrivateKey, passphrase: str) -> bytes:
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def _read(file: Path, passphrase: str) -> Ed25519PrivateKey:
    """Return the key; one that is not encrypted yet is read too, and `kho check` gives a notice of
    it.
    """
    try:
        pem = file.read_bytes()  # once: the file may be exchanged at any moment
        password = passphrase.encode() if passphrase and _ENCRYPTED in pem else None
        private = load_pem_private_key(pem, password)
    except (ValueError, TypeError, OSError) as error:
        raise Misconfigured(
            why_vi="không đọc được khóa sổ nhật ký (tệp hỏng, hoặc sai mật khẩu)",
            why_en="Kho cannot read the ledger key (a damaged file, or a wrong passphrase)",
        ) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise Misconfigured(
            why_vi="khóa sổ nhật ký không phải Ed25519", why_en="the ledger key is not Ed25519"
        )
    return private
