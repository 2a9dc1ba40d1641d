"""Witnesses: each kind takes every checkpoint,
and contradicts a history that its owner replaced.
"""

import base64
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.base.clock import FixedClock, SystemClock
from archive.base.errors import IntegrityError
from archive.base.identifiers import ObjectKey
from archive.catalog.tables import LedgerNodeRow
from archive.ledger.checkpoint import VerifierKey, open_checkpoint, parse_checkpoint
from archive.ledger.merkle import require_consistent
from archive.vault.folder import FolderVault
from archive.witness.contract import Claim, HistoryContradicted, Witness, WitnessAway
from archive.witness.cosigning import CosignerKey, CosigningWitness
from archive.witness.places import HttpWitness, VaultWitness
from archive.witness.service import WitnessService
from archive.witness.web import Web
from tests.archive.conftest import CODE, NOON, SIGNER, Ground, act_zero, make_ground, new_chain
from tests.archive.vault.conftest import s3_vault
from tests.fixtures.http_place import serving
from tests.fixtures.store_server import StoreServer

WITNESS = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
KEY = CosignerKey("witness.example/w1", WITNESS.public_key().public_bytes_raw())


@dataclass
class Cosigner:
    """A witness of the C2SP protocol, written from its text alone: one ledger, in memory."""

    verifier: VerifierKey
    size: int = 0
    root: bytes = b""
    at: int = int(NOON.timestamp())
    signs: bool = True
    asked: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if (method, path) != ("POST", "/log/add-checkpoint"):
            return 404, b""
        head, _, note = body.partition(b"\n\n")
        first, *lines = head.decode().split("\n")
        old = int(first.removeprefix("old "))
        self.asked.append(first)
        stated = parse_checkpoint(note)
        try:
            open_checkpoint(note, self.verifier)
        except ValueError:
            return 403, b""
        if old > stated.size:
            return 400, b""
        if old != self.size or (old == stated.size and self.root != stated.root):
            return 409, f"{self.size}\n".encode()
        if 0 < old < stated.size:
            try:
                require_consistent(
                    old, stated.size, self.root, stated.root, [base64.b64decode(x) for x in lines]
                )
            except ValueError:
                return 422, b""
        elif lines:
            return 422, b""
        self.size, self.root = stated.size, stated.root
        message = f"cosignature/v1\ntime {self.at}\n{stated.body()}".encode()
        raw = (
            KEY.key_id
            + self.at.to_bytes(8, "big")
            + WITNESS.sign(message if self.signs else b"else")
        )
        return (
            200,
            f"— other.example AAAA\n— {KEY.name} {base64.b64encode(raw).decode()}\n".encode(),
        )


@dataclass
class Place:
    """An address that keeps what was put there last."""

    kept: bytes = b""
    down: bool = False

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if self.down:
            return 503, b""
        if method == "GET":
            return (200, self.kept) if self.kept else (404, b"")
        self.kept = body
        return 201, b""


@dataclass
class Archive:
    """An archive that publishes; `grow` appends acts,
    `publish` puts a checkpoint into the vault.
    """

    ground: Ground

    def grow(self, *texts: str) -> None:
        sequencer = self.ground.sequencer()
        for text in texts:
            sequencer.append(
                new_chain(self.ground.clock, text) if text else act_zero(self.ground.clock)
            )
        self.publish()

    def publish(self) -> None:
        self.ground.publisher().publish()

    def service(self, witness: Witness) -> WitnessService:
        """Return a service as a new process would have it."""
        ground = self.ground
        return WitnessService(
            ground.catalog, ground.vault, CODE, [witness], ground.clock, timedelta(days=7)
        )


Make = Callable[[str], Archive]


@pytest.fixture
def archives(tmp_path: Path) -> Iterator[Make]:
    """Makes archives of one facility, each with the same ledger key:
    histories of the same owner.
    """
    with ExitStack() as closing:

        def make(name: str) -> Archive:
            clock = FixedClock(NOON)
            ground = make_ground(
                tmp_path / name, FolderVault(tmp_path / name / "vault", clock), clock
            )
            closing.callback(ground.catalog.close)
            return Archive(ground)

        yield make


@pytest.fixture(params=["folder", "s3", "http", "c2sp"])
def witness(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Witness]:
    """Each kind of witness."""
    if request.param == "folder":
        yield VaultWitness(
            "second", FolderVault(tmp_path / "second", FixedClock(NOON)), CODE, FixedClock(NOON)
        )
    elif request.param == "s3":
        server: StoreServer = request.getfixturevalue("seaweed")
        bucket = f"kho-witness-{uuid.uuid4().hex[:12]}"
        server.make_bucket(bucket)
        # the store has its own
        yield VaultWitness("bucket", s3_vault(server.endpoint, bucket), CODE, SystemClock())
    elif request.param == "http":
        with serving(Place().answer) as url:
            yield HttpWitness("web", f"{url}/99001", "PUT", Web("web"))
    else:
        with serving(Cosigner(SIGNER.verifier).answer) as url:
            yield CosigningWitness("c2sp", f"{url}/log/", KEY, Web("c2sp"), FixedClock(NOON))


def test_a_witness_takes_each_checkpoint_and_confirms_it_again(
    witness: Witness, archives: Make
) -> None:
    archive = archives("a")
    archive.grow("", "1", "2")
    service = archive.service(witness)
    service.require_uncontradicted()
    assert service.confirmed()[witness.name].size == 3
    for texts in (("3",), ("4", "5", "6", "7")):
        archive.grow(*texts)
        service.confirm()
        service.confirm()
    row = service.confirmed()[witness.name]
    assert (row.size, row.confirmed_at) == (8, NOON)
    assert open_checkpoint(row.note, SIGNER.verifier).size == 8


def forgotten(archive: Archive) -> None:
    """Let the archive forget what its witness confirmed, as a database does that was set back."""
    from archive.catalog.operations import WitnessRow

    with archive.ground.catalog.write() as session:
        session.query(WitnessRow).delete()


@pytest.mark.parametrize("grown", [0, 2, 9], ids=["shorter", "as long", "longer"])
def test_a_history_that_was_set_back_and_goes_on_is_contradicted(
    witness: Witness, archives: Make, grown: int
) -> None:
    true = archives("true")
    true.grow("", "1", "2", "3")
    true.service(witness).require_uncontradicted()
    other = archives("other")
    shutil.copytree(true.ground.folder / "vault", other.ground.folder / "vault")
    for file in (other.ground.folder / "vault" / CODE).rglob("*"):
        name = file.name.partition("-")[0]
        # acts 2 and 3, and the checkpoint of 4
        if file.is_file() and name.isdigit() and int(name) >= 2:
            file.unlink()
    other.ground.sequencer().catch_up()
    other.grow(*(f"other {number}" for number in range(grown)))
    with pytest.raises(HistoryContradicted):
        other.service(witness).require_uncontradicted()


def test_a_contradiction_stays_in_its_process_and_is_found_by_a_push(
    witness: Witness, archives: Make
) -> None:
    true, other = archives("true"), archives("other")
    true.grow("", "1")
    other.grow("", "1", "2")  # acts have salts: the same texts are another history
    service = other.service(witness)
    service.require_uncontradicted()
    with pytest.raises(HistoryContradicted):
        true.service(witness).confirm()
    third = archives("third")
    third.grow("", "1", "2", "3")
    service = third.service(witness)
    for _ in range(2):
        with pytest.raises(HistoryContradicted):
            service.require_uncontradicted()


@dataclass
class Meanwhile:
    """A witness that answers after another process has written."""

    witness: Witness
    write: Callable[[], None]
    name: str = ""

    def __post_init__(self) -> None:
        self.name = self.witness.name

    def kept(self) -> Iterator[bytes]:
        return self.witness.kept()

    def confirm(self, claim: Claim) -> bytes:
        self.write()
        return self.witness.confirm(claim)


def test_what_another_process_shows_to_the_witness_meanwhile_is_no_contradiction(
    witness: Witness, archives: Make
) -> None:
    archive = archives("a")
    archive.grow("", "1")
    texts = ["2", "3"]

    def write() -> None:
        if texts:
            archive.grow(texts.pop())
            archive.service(witness).confirm()

    service = archive.service(Meanwhile(witness, write))
    service.require_uncontradicted()
    assert service.confirmed()[witness.name].size == 4


def test_a_catalogue_that_forgot_finds_its_witness_again(witness: Witness, archives: Make) -> None:
    archive = archives("a")
    archive.grow("", "1", "2")
    archive.service(witness).confirm()
    forgotten(archive)
    archive.grow("3", "4")
    archive.service(witness).confirm()
    assert archive.service(witness).confirmed()[witness.name].size == 5


def test_a_witness_that_is_away_stops_nothing_and_is_asked_again(archives: Make) -> None:
    archive, place = archives("a"), Place(down=True)
    archive.grow("", "1")
    with serving(place.answer) as url:
        service = archive.service(HttpWitness("web", url, "POST", Web("web")))
        service.require_uncontradicted()
        assert service.is_overdue()
        with pytest.raises(WitnessAway):
            service.confirm()
        place.down = False
        service.confirm()
        assert not service.is_overdue()
        archive.ground.clock.moment += timedelta(days=8)
        assert service.is_overdue()
        place.kept = b"<html>a captive portal</html>"
        with pytest.raises(WitnessAway):
            service.confirm()


@pytest.mark.parametrize(("signs", "at"), [(False, 0), (True, 10**6), (True, -(10**10))])
def test_a_cosignature_that_does_not_hold_is_no_confirmation(
    archives: Make, signs: bool, at: int
) -> None:
    archive = archives("a")
    archive.grow("", "1")
    cosigner = Cosigner(SIGNER.verifier, signs=signs, at=max(0, int(NOON.timestamp()) + at))
    with serving(cosigner.answer) as url:
        service = archive.service(
            CosigningWitness("c2sp", f"{url}/log", KEY, Web("c2sp"), FixedClock(NOON))
        )
        with pytest.raises(WitnessAway):
            service.confirm()
        assert service.confirmed() == {}


def test_a_cosigned_checkpoint_holds_both_signatures(archives: Make) -> None:
    archive = archives("a")
    archive.grow("", "1")
    with serving(Cosigner(SIGNER.verifier).answer) as url:
        service = archive.service(
            CosigningWitness("c2sp", f"{url}/log", KEY, Web("c2sp"), FixedClock(NOON))
        )
        service.confirm()
    note = service.confirmed()["c2sp"].note
    head = open_checkpoint(note, SIGNER.verifier)
    assert KEY.cosigned_at(note.decode().splitlines()[-1], head.body()) == int(NOON.timestamp())
    assert CosignerKey.parse(str(KEY)) == KEY


def test_what_strangers_put_into_a_folder_stops_nothing_unless_it_poses_as_a_checkpoint(
    archives: Make, tmp_path: Path
) -> None:
    archive = archives("a")
    archive.grow("", "1")
    second = FolderVault(tmp_path / "second", FixedClock(NOON))
    service = archive.service(VaultWitness("second", second, CODE, FixedClock(NOON)))
    service.confirm()
    folder = tmp_path / "second" / CODE / "checkpoints"
    (folder / "notes.txt").write_bytes(b"x")
    (folder / f"{9:012}-{'0' * 64}").symlink_to("/dev/zero")
    service.confirm()
    posing = b"no checkpoint"
    second.put(
        ObjectKey(f"{CODE}/checkpoints/{9:012}-{'1' * 64}"),
        posing,
        retain_until=NOON + timedelta(days=1),
        media_type="text/plain",
    )
    with pytest.raises(WitnessAway):
        service.confirm()


def test_no_checkpoint_over_an_altered_tree_reaches_the_witness(
    witness: Witness, archives: Make
) -> None:
    archive = archives("a")
    archive.grow("", "1", "2")
    archive.service(witness).confirm()
    with archive.ground.catalog.write() as session:
        session.query(LedgerNodeRow).filter_by(level=1, position=0).update({"hash": bytes(32)})
    with pytest.raises(IntegrityError):
        archive.grow("3")
    assert archive.service(witness).confirmed()[witness.name].size == 3
