"""Production mode: writing and serving begin only on a store whose trial is on record (`kho store
verify`), in an archive that is no demonstration.
"""

from collections.abc import Callable, Collection, Iterable
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from api.composition.ledger_key import checkpoint_signer
from archive.base.bilingual import Text
from archive.base.clock import Clock
from archive.base.errors import Misconfigured
from archive.base.settings import Settings
from archive.catalog.tables import SealChainRow
from archive.conformance.record import Place, Record, parse_record
from archive.conformance.requirement import require
from archive.files.durable import replace_file
from archive.ledger.checkpoint import CheckpointSigner, VerifierKey
from archive.ledger.keys import LedgerKeys
from retention.health.key_check import KEY_FILE

if TYPE_CHECKING:
    from asn1crypto import x509

    from archive.acts.signed_acts import SignedActs
    from archive.base.identifiers import FacilityCode
    from archive.catalog.database import Catalog

DEMO_PASSWORD = Path("keys") / "demo-password"
# one file a trial, none ever removed; the newest about a vault counts
RECORDS = Path("conformance")


class TestInProduction(Misconfigured):
    """Production mode with something of a demonstration: its seals prove nothing, and its passwords
    are known.
    """

    __test__ = False
    code = "production.test"
    what = Text(
        "Chế độ production không nhận đồ thử: {why_vi}.",
        "Production mode takes nothing of a test: {why_en}.",
    )
    unchanged = Text(
        "Lệnh dừng trước khi ghi bất cứ điều gì.", "The command ended before it wrote anything."
    )
    remedy = Text(
        "Lập một kho mới bằng chứng thư số thật. Kho trình diễn mãi mãi là kho trình diễn.",
        "Make a new archive with a real certificate. A demonstration stays one for ever.",
    )


class MixedSeals(Misconfigured):
    """An archive of real certificates is given test ones, or a demonstration real ones."""

    code = "seal.mixed"
    what = Text(
        "Nghiệp vụ 0 và chứng thư ký phải cùng là TEST hoặc cùng là thật.",
        "Act 0 and the seal's certificate must both be TEST or both be real.",
    )
    unchanged = Text(
        "Chưa có gì được ký hay lưu bằng chứng thư này.",
        "Nothing was sealed with this certificate.",
    )
    remedy = Text(
        "Kiểm tra seal.pkcs12 và demo trong kho.toml.", "Check seal.pkcs12 and demo in kho.toml."
    )


def require_real_archive(settings: Settings, chain: str) -> None:
    """In production mode, raise TestInProduction for a demonstration; otherwise check nothing.

    `chain` is the seal chain that the signed act 0 states (PEM): an act never changes.
    """
    from signing.test_marks import states_test

    if not settings.production:
        return
    if states_test(chain):
        raise TestInProduction(
            why_vi="nghiệp vụ 0 của kho này nêu chứng thư TEST",
            why_en="act 0 of this archive states TEST certificates",
        )
    if (settings.home / DEMO_PASSWORD).exists():
        raise TestInProduction(
            why_vi=f"còn mật khẩu trình diễn {DEMO_PASSWORD}",
            why_en=f"the demonstration's {DEMO_PASSWORD} is still here",
        )


def require_real(settings: Settings, signed: "SignedActs") -> None:
    """In production mode, raise TestInProduction where the signed act 0 makes the archive a
    demonstration.
    """
    if settings.production:
        require_real_archive(settings, _first_chain(signed))


def is_demonstration(catalog: "Catalog", facility: "FacilityCode") -> bool:
    """Return whether act 0 of the archive, as the catalogue has it, states TEST certificates."""
    from signing.test_marks import states_test

    with catalog.read() as session:
        chain = session.get(SealChainRow, (facility, 0))
    return chain is not None and states_test(chain.pem)


def require_same_kind(certificate: "x509.Certificate", signed: "SignedActs") -> None:
    """Raise MixedSeals unless the seal's certificate and the signed act 0 are both TEST or both
    real.
    """
    from signing.test_marks import is_test, states_test

    if is_test(certificate) != states_test(_first_chain(signed)):
        raise MixedSeals


def _first_chain(signed: "SignedActs") -> str:
    """Return the seal chain that the signed act 0 states (PEM)."""
    return str(signed.act(0).facts.get("seal_chain"))


def require_real_certificates(
    settings: Settings, certificates: "Iterable[x509.Certificate]", where: str
) -> None:
    """In production mode, raise TestInProduction where one of `certificates`, read from `where`, is
    of a test PKI.
    """
    from signing.test_marks import is_test

    if settings.production and any(map(is_test, certificates)):
        raise TestInProduction(
            why_vi=f"{where} có chứng thư TEST", why_en=f"{where} holds TEST certificates"
        )


def place_of(settings: Settings) -> Place:
    """Return which vault the settings mean."""
    vault = settings.vault
    if vault.kind == "s3":
        return Place(kind="s3", endpoint=vault.endpoint, bucket=vault.bucket)
    return Place(kind="folder", folder=str(settings.path(vault.folder)))


def require_proven_store(
    settings: Settings, ledger_keys: Collection[VerifierKey], clock: Clock
) -> None:
    """In production mode, raise StoreUnproven or StoreRefused unless the vault's trial is on record
    and good.

    `ledger_keys` are the ledger's keys of today and before: one of them signed the record. Raises
    Unreadable for a record that was tampered with. Outside of production mode it checks nothing.
    """
    if settings.production:
        place = place_of(settings)
        require(
            newest_record(settings.home, place),
            place,
            [key.public for key in ledger_keys],
            clock.now(),
        )


def require_private(settings: Settings, host: str) -> None:
    """In production mode, raise Misconfigured where `host` is reached from other machines and TLS
    is not in front.

    `kho serve` speaks HTTP: passwords and records would cross the network in the clear.
    `web.behind_tls` says that a proxy with TLS is in front, and that no other machine reaches the
    port.
    """
    if settings.production and not settings.web.behind_tls and not _is_loopback(host):
        raise Misconfigured(
            why_vi=f"web.host {host} mở cho máy khác mà không có TLS; đặt proxy TLS phía trước, "
            "rồi đặt web.behind_tls = true",
            why_en=f"web.host {host} is open to other machines without TLS; put a TLS proxy in front, "
            "then set web.behind_tls = true",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def proven_signer(
    file: Path, keys: LedgerKeys, settings: Settings, clock: Clock
) -> CheckpointSigner:
    """Return the signer in `file` of the newest of the ledger's `keys`, on a store that may be
    written to.

    Every process that writes to the archive needs the signer. So it gets it here before it writes
    anything. Raises ReadOnlyHome, KeyNotInForce for an earlier key, Misconfigured for another
    ledger's, StoreUnproven, StoreRefused.
    """
    signer = checkpoint_signer(file, keys, settings.ledger.passphrase.get_secret_value())
    require_proven_store(settings, keys.all, clock)
    return signer


def newest_record(home: Path, place: Place) -> Record | None:
    """Return the newest record about the vault at `place` that the home holds; None without one.

    Raises Unreadable.
    """
    records = (parse_record(file.read_bytes()) for file in (home / RECORDS).glob("*.json"))
    return max(
        (each for each in records if each.store.place == place),
        key=lambda each: each.time,
        default=None,
    )


def keep_record(home: Path, record: Record) -> Path:
    """Put a record into the home, on disk when this returns, and return where it is."""
    file = home / RECORDS / f"{record.time.translate({ord(sign): None for sign in '-:.'})}.json"
    replace_file(file, record.to_bytes())
    return file


class LedgerSigner:
    """Gives the ledger's signer of one home, and keeps it until the ledger is handed over to
    another key.
    """

    def __init__(self, settings: Settings, clock: Clock, acts: "Callable[[], SignedActs]") -> None:
        """`acts` brings the catalogue up to the vault and returns the signed acts."""
        self._settings, self._clock, self._acts = settings, clock, acts
        self._signer: CheckpointSigner | None = None

    def __call__(self) -> CheckpointSigner:
        """Return the signer of the key in force.

        Raises TestInProduction, CatalogueAltered, and as proven_signer.
        """
        acts = self._acts()
        keys = acts.keys()
        if self._signer is None or self._signer.verifier != keys.newest:
            require_real(self._settings, acts)
            self._signer = proven_signer(
                self._settings.home / KEY_FILE, keys, self._settings, self._clock
            )
        return self._signer
