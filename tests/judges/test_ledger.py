"""Go's own transparency log accepts the ledger that we publish, and refuses each thing that a
forger would change.
"""

import base64
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.base.clock import FixedClock
from archive.base.identifiers import Sha256
from archive.ledger import merkle
from archive.ledger.checkpoint import CheckpointSigner, TreeHead
from archive.ledger.nodes import node_reader
from archive.ledger.store import proof_text
from archive.vault.folder import FolderVault
from tests.archive.acts.test_ledger_key import NEW, hand_over, writer
from tests.archive.conftest import CODE, NOON, Ground, act_zero, make_ground, new_chain
from tests.judges.ledger import LedgerJudge

pytestmark = pytest.mark.judge

ORIGIN = "kho/99001/test"
SIGNER = CheckpointSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
KEY = str(SIGNER.verifier)
SIZES = [1, 256, 257, 300]  # published at each: one act, a full tile, one more, and all acts


@dataclass(frozen=True)
class Published:
    """A ledger of 300 acts, as it lies in the vault (`folder`), and its acts' digests."""

    ground: Ground
    folder: Path
    acts: list[Sha256]

    @property
    def rest(self) -> list[Sha256]:
        """The acts beyond the full entry bundles."""
        return self.acts[256:]

    def checkpoint(self, size: int) -> Path:
        """The checkpoint at `size`."""
        (checkpoint,) = (self.folder / "checkpoint").glob(f"{size}-*")
        return checkpoint

    def proof(self, index: int) -> str:
        """The tlog-proof of an act in the newest checkpoint."""
        with self.ground.catalog.read() as session:
            return proof_text(session, CODE, index, self.checkpoint(300).read_bytes(), 300)

    def consistency(self, old: int, new: int) -> list[str]:
        """Our proof that the ledger of `old` acts is a prefix of that of `new`."""
        with self.ground.catalog.read() as session:
            proof = merkle.consistency_proof(old, new, node_reader(session, CODE))
        return [base64.b64encode(each).decode() for each in proof]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    """The ledger, published four times while it grew."""
    folder = tmp_path_factory.mktemp("ledger")
    clock = FixedClock(NOON)
    vault = FolderVault(folder / "vault", clock)
    ground = make_ground(folder / "home", vault, clock)
    publisher = ground.publisher()
    sequencer = ground.sequencer()
    acts = []
    for number in range(300):
        act = sequencer.append(new_chain(clock, str(number)) if number else act_zero(clock))
        assert act is not None
        acts.append(act.digest())
        if number + 1 in SIZES:
            publisher.publish()
    yield Published(ground, copied(vault, folder / "copy"), acts)
    ground.catalog.close()


def copied(vault: FolderVault, folder: Path) -> Path:
    """Copy the ledger out of `vault` into `folder`, and return it."""
    prefix = f"{CODE}/ledger/"
    for stored in vault.list(prefix):
        copy = folder / stored.key.removeprefix(prefix)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(vault.read(stored.key, stored.version))
    return folder


@pytest.fixture
def copy(published: Published, tmp_path: Path) -> Path:
    """The ledger's files, to be changed."""
    return Path(shutil.copytree(published.folder, tmp_path / "copy"))


def flip(file: Path, position: int) -> None:
    """Change one bit of one byte."""
    data = bytearray(file.read_bytes())
    data[position] ^= 1
    file.write_bytes(data)


def test_go_accepts_the_published_ledger(published: Published, ledger_judge: LedgerJudge) -> None:
    verdict = ledger_judge.ledger(published.folder, KEY, published.rest)
    assert verdict.ok, verdict.fault
    assert (verdict.origin, verdict.sizes) == (ORIGIN, SIZES)


@pytest.mark.parametrize(
    ("name", "position", "fault"),
    [
        ("tile/0/000", 0, "tile/0/000 is missing or not what the entries give"),
        ("tile/0/000", -1, "tile/0/000 is missing or not what the entries give"),
        ("tile/entries/000", 0, "tile/entries/000: the bundle is cut"),
        ("tile/entries/000", 4000, "tile/0/000 is missing or not what the entries give"),
        ("tile/entries/000", -1, "tile/0/000 is missing or not what the entries give"),
    ],
)
def test_go_refuses_a_flipped_byte_in_a_tile(
    published: Published,
    copy: Path,
    ledger_judge: LedgerJudge,
    name: str,
    position: int,
    fault: str,
) -> None:
    flip(copy / name, position)
    assert ledger_judge.ledger(copy, KEY, published.rest).fault == fault


def test_go_refuses_a_forged_checkpoint(
    published: Published, copy: Path, ledger_judge: LedgerJudge
) -> None:
    forger = CheckpointSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    checkpoint = next((copy / "checkpoint").glob("300-*"))
    checkpoint.write_bytes(forger.sign(TreeHead(ORIGIN, 300, bytes(32))))
    assert "no verifiable signatures" in ledger_judge.ledger(copy, KEY, published.rest).fault


def test_go_refuses_a_signed_root_that_the_entries_do_not_give(
    published: Published, copy: Path, ledger_judge: LedgerJudge
) -> None:
    other = [*published.rest[:-1], Sha256("0" * 64)]
    assert "the root at 300" in ledger_judge.ledger(copy, KEY, other).fault


def test_go_misses_an_act_a_checkpoint_and_a_tile(
    published: Published, copy: Path, ledger_judge: LedgerJudge
) -> None:
    assert (
        "no checkpoint is of the 299" in ledger_judge.ledger(copy, KEY, published.rest[:-1]).fault
    )
    (copy / published.checkpoint(300).relative_to(published.folder)).unlink()
    assert "no checkpoint is of the 300" in ledger_judge.ledger(copy, KEY, published.rest).fault
    (copy / "tile/0/000").unlink()
    assert "tile/0/000 is missing" in ledger_judge.ledger(copy, KEY, published.rest).fault


def test_go_refuses_a_file_that_no_ledger_has(
    published: Published, copy: Path, ledger_judge: LedgerJudge
) -> None:
    (copy / "tile/0/001").write_bytes(bytes(32 * 256))
    assert "tile/0/001" in ledger_judge.ledger(copy, KEY, published.rest).fault


@pytest.mark.parametrize("index", [0, 1, 255, 256, 299])
def test_go_follows_a_proof_from_an_act_to_the_signed_root(
    published: Published, ledger_judge: LedgerJudge, tmp_path: Path, index: int
) -> None:
    file = tmp_path / "act.tlog-proof"
    file.write_text(published.proof(index), encoding="utf-8")
    verdict = ledger_judge.inclusion(KEY, file, published.acts[index])
    assert verdict.ok, verdict.fault
    assert (verdict.origin, verdict.sizes) == (ORIGIN, [300])


def test_go_refuses_a_proof_of_another_act_place_or_ledger(
    published: Published, ledger_judge: LedgerJudge, tmp_path: Path
) -> None:
    file = tmp_path / "act.tlog-proof"
    act, text = published.acts[40], published.proof(40)
    other_root = SIGNER.sign(TreeHead(ORIGIN, 300, bytes(32))).decode()
    for wrong in (
        text.replace("index 40", "index 41"),
        text.replace("\n", "\nAAAA", 2),
        text.split("\n\n", 1)[0] + "\n\n" + other_root,
        text.replace("\n300\n", "\n299\n"),
    ):
        file.write_text(wrong, encoding="utf-8")
        assert not ledger_judge.inclusion(KEY, file, act).ok
    file.write_text(text, encoding="utf-8")
    assert ledger_judge.inclusion(KEY, file, act).ok
    assert not ledger_judge.inclusion(KEY, file, published.acts[41]).ok


@pytest.mark.parametrize(("old", "new"), [(1, 256), (1, 300), (256, 257), (257, 300), (300, 300)])
def test_go_accepts_our_proof_that_nothing_was_rewritten(
    published: Published, ledger_judge: LedgerJudge, old: int, new: int
) -> None:
    older, newer, proof = (
        published.checkpoint(old),
        published.checkpoint(new),
        published.consistency(old, new),
    )
    verdict = ledger_judge.consistency(KEY, older, newer, proof)
    assert verdict.ok, verdict.fault


def test_go_has_no_verdict_on_what_is_not_there(ledger_judge: LedgerJudge, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no verdict"):
        ledger_judge.ledger(tmp_path / "absent", KEY, [])
    with pytest.raises(RuntimeError, match="no verdict"):
        ledger_judge.ledger(tmp_path, "no key", [])


def test_go_refuses_a_ledger_that_was_rewritten(
    published: Published, ledger_judge: LedgerJudge, tmp_path: Path
) -> None:
    rewritten = tmp_path / "checkpoint"
    rewritten.write_bytes(SIGNER.sign(TreeHead(ORIGIN, 257, bytes(32))))
    newer, proof = published.checkpoint(300), published.consistency(257, 300)
    assert not ledger_judge.consistency(KEY, rewritten, newer, proof).ok
    assert not ledger_judge.consistency(KEY, newer, rewritten, proof).ok
    assert not ledger_judge.consistency(KEY, published.checkpoint(257), newer, proof[:-1]).ok


def test_go_follows_a_ledger_that_changed_its_key_with_both_keys_only(
    tmp_path: Path, ledger_judge: LedgerJudge
) -> None:
    clock = FixedClock(NOON)
    vault = FolderVault(tmp_path / "vault", clock)
    ground = make_ground(tmp_path / "home", vault, clock)
    acts = [writer(ground, SIGNER).append(act_zero(clock))]
    ground.publisher().publish()
    acts += [hand_over(ground, SIGNER, NEW), writer(ground, NEW).append(new_chain(clock, "3"))]
    ground.publisher(NEW).publish()
    folder, digests = copied(vault, tmp_path / "copy"), [act.digest() for act in acts if act]
    both = f"{SIGNER.verifier},{NEW.verifier}"
    verdict = ledger_judge.ledger(folder, both, digests)
    assert (verdict.fault, sorted(verdict.sizes)) == ("", [1, 3])
    for alone in (SIGNER, NEW):
        assert not ledger_judge.ledger(folder, str(alone.verifier), digests).ok
    ground.catalog.close()
