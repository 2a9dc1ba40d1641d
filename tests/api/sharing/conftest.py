"""One packet for all tests, its sender's home, and a workshop to take packets apart and put them
together again.
"""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from api import handing
from api.home import Home
from api.sharing import names
from api.sharing.assembly import Packet
from api.sharing.manifest import Manifest
from api.sharing.order import Order, parse_order
from api.sharing.proven_sender import proven_identity
from api.sharing.reception import Received
from api.sharing.report import PacketReport
from api.sharing.verification import verify_packet
from api.upkeep.setup import FacilityFacts, initialise
from archive.acts.partner import Partner
from archive.base.clock import SystemClock, parse_iso
from archive.base.errors import KhoError
from archive.base.identifiers import FacilityCode
from signing.asic.container import read_container, write_container
from signing.asic.manifest import write_asic_manifest
from signing.cades import sign_detached
from signing.signing_context import SigningContext
from signing.testpki.folder import read_test_pki
from signing.testpki.make import load_architecture, make_test_pki, pkcs12
from signing.testpki.running import free_base_url, stop
from signing.trust import TrustRoots
from signing.validation.result.report import ValidationReport
from signing.validation.validate import validate
from tests.api.sharing.facilities import OVERLAY, MakeHome
from tests.fixtures.home import CLERK, chart, paper, take

RECEIVER = "79002"
REASON = "Chuyển tuyến điều trị theo yêu cầu của người bệnh"
Files = dict[str, bytes]


@dataclass(frozen=True)
class Workshop:
    """The sender's home, a genuine packet of it, and what a forger does with one."""

    home: Home
    chart_id: str
    packet: Packet
    trust: TrustRoots

    @property
    def trust_file(self) -> Path:
        """The sender's root as a PEM file."""
        return self.home.folder / "testpki" / "trust.pem"

    @property
    def files(self) -> Files:
        """The genuine packet's files, to be changed."""
        return read_container(self.packet.data)

    @property
    def manifest(self) -> Manifest:
        """The genuine packet's manifest."""
        return self.packet.manifest

    @property
    def documents(self) -> list[str]:
        """The names of the originals."""
        return [document.name for document in self.manifest.documents]

    def packed(self, files: Files) -> bytes:
        """Return a container of `files`."""
        return write_container(files.items(), parse_iso(self.manifest.created_at))

    def signed(self, files: Files, signing_context: SigningContext | None = None) -> bytes:
        """Return a packet of `files`, listed and signed again. The sender itself signs where
        `signing_context` is None.
        """
        apart = (names.MIMETYPE, names.ASIC_MANIFEST, names.SIGNATURE)
        listed = [(name, data) for name, data in files.items() if name not in apart]
        listing = write_asic_manifest(listed, names.media_type)
        moment = parse_iso(self.manifest.created_at)
        signature = sign_detached(
            listing,
            signing_context or self.home.open_for_writing().sealer.signing_context,
            claimed_at=moment,
        )
        return self.packed({**files, names.ASIC_MANIFEST: listing, names.SIGNATURE: signature})

    def stating(self, **changes: object) -> bytes:
        """Return the packet with another manifest, signed by the sender itself."""
        content = {**self.manifest.model_dump(mode="json", by_alias=True), **changes}
        return self.signed(
            {**self.files, names.MANIFEST: Manifest.model_validate(content).to_bytes()}
        )

    def verify(
        self, data: bytes, trust: TrustRoots | None = None, at: datetime | None = None
    ) -> PacketReport:
        """Verify a packet against the sender's root; PDFs that were seen before are not validated
        again.
        """
        return verify_packet(data, trust or self.trust, at=at, validate=_remembered)


@cache
def _validated(pdf: bytes, anchors: tuple[bytes, ...], at: datetime | None) -> ValidationReport:
    return validate(pdf, _TRUST[anchors], at=at)


_TRUST: dict[tuple[bytes, ...], TrustRoots] = {}


def _remembered(pdf: bytes, trust: TrustRoots, *, at: datetime | None) -> ValidationReport:
    """Validate in this process, once for each file, trust and minute."""
    anchors = tuple(anchor.sha256 for anchor in trust.anchors)
    _TRUST.setdefault(anchors, trust)
    return _validated(pdf, anchors, at and at.replace(second=59, microsecond=0))


def an_order(chart_id: str, reason: str = REASON) -> Order:
    """Return the order that the tests give."""
    return parse_order(chart_id, RECEIVER, reason)


@pytest.fixture(scope="session")
def workshop(home_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """A deposited chart of two documents in force and one superseded, in two accession acts, and
    its packet.
    """
    folder = Path(shutil.copytree(home_template, tmp_path_factory.mktemp("sender") / "home"))
    with Home.open(folder) as home:
        first = take(home, chart(1, papers=[paper("1"), paper("2")]))
        take(home, chart(1, papers=[paper("1"), paper("2", "Viêm phế quản")]), chart(2))
        chart_id = first[0].receipts[0].chart_id
        home.open_for_writing().deposits.deposit(chart_id, CLERK, home.scope)
        packet = home.open_for_writing().packets.create(
            an_order(chart_id), CLERK, home.scope, lambda data: None
        )
        yield Workshop(home, chart_id, packet, home.trust)


@pytest.fixture(scope="session")
def receiver_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The empty home of another facility with a test PKI of its own, which runs for the session.

    Do not change it.
    """
    folder = tmp_path_factory.mktemp("receiver") / "home"
    yield make_home(folder, RECEIVER, "Bệnh viện Tuyến Trên Thử Nghiệm")
    stop(folder / "testpki")


def make_home(folder: Path, code: str, name: str, pki: Path | None = None) -> Path:
    """Make a demonstration home of any facility, with a test PKI of its own or a copy of `pki`;
    return its folder.
    """
    folder.mkdir()
    (folder / "kho.toml").write_text(f'facility = "{code}"\ndemo = true\n')
    if pki is not None:
        shutil.copytree(pki, folder / "testpki")
    else:
        make_test_pki(folder / "testpki", SystemClock().now(), name, free_base_url())
    with Home.open(folder) as home:
        initialise(
            home, FacilityFacts(FacilityCode(code), name, "Sở Y tế Thử Nghiệm", "Số 2", None), CLERK
        )
        _ = home.open_for_writing().sealer
    return folder


@pytest.fixture
def receiver(receiver_template: Path, tmp_path: Path) -> Iterator[Home]:
    """A fresh home of the facility for which the packet was made."""
    with Home.open(Path(shutil.copytree(receiver_template, tmp_path / "receiver"))) as home:
        yield home


@dataclass(frozen=True)
class Exchange:
    """What a packet, once received, left behind on both sides. For reading only."""

    receiver: Home
    received: Received


def confirm_partner(home: Home, data: bytes, *trust: Path, replace: bool = False) -> Partner:
    """Confirm the partner that sent `data`, as a person does who got its check
    code by telephone.
    """
    identity = proven_identity(data, handing.widened(home, trust), home.clock.now())
    return home.open_for_reading().partners.confirm(
        identity, identity.check_code, CLERK, replace=replace
    )


def receive(
    home: Home, data: bytes, *trust: Path, of_partner: bool = True, **options: Any
) -> Received:
    """Take a packet in as `kho packet import` does; `of_partner`: a person has confirmed its sender
    before.
    """
    roots = handing.widened(home, trust)
    if of_partner:
        with suppress(KhoError):  # a packet that is not proven says nothing of its sender
            confirm_partner(home, data, *trust)
    received = home.open_for_writing().reception.receive(
        data, roots, home.open_for_writing().examiner_with(roots), CLERK, home.scope, **options
    )
    home.follow_ups.run()
    return received


@pytest.fixture(scope="session")
def exchange(
    workshop: Workshop, receiver_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Exchange]:
    """The workshop's packet in the receiver's home, with the receipt that it gave."""
    folder = Path(shutil.copytree(receiver_template, tmp_path_factory.mktemp("exchange") / "home"))
    with Home.open(folder) as home:
        yield Exchange(home, receive(home, workshop.packet.data, workshop.trust_file))


@pytest.fixture
def packet_file(workshop: Workshop, tmp_path: Path) -> Path:
    """The genuine packet as a file."""
    file = tmp_path / "packet.asice"
    file.write_bytes(workshop.packet.data)
    return file


@pytest.fixture(scope="session")
def shared_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One PKI with a seal for each facility: the national root that everybody trusts."""
    folder = tmp_path_factory.mktemp("root") / "testpki"
    make_test_pki(folder, SystemClock().now(), "Bệnh viện Của Ta", free_base_url(), OVERLAY)
    yield folder
    stop(folder)


@pytest.fixture
def new_home(shared_root: Path, tmp_path: Path) -> Iterator[MakeHome]:
    """A factory of homes: any code with any of the root's seals."""
    opened: list[Home] = []

    def make(code: str, seal: str) -> Home:
        pki = Path(shutil.copytree(shared_root, tmp_path / f"pki-{len(opened)}"))
        test_pki = read_test_pki(pki)
        test_pki.p12_path.chmod(0o600)
        test_pki.p12_path.write_bytes(
            pkcs12(load_architecture(test_pki), seal, test_pki.passphrase)
        )
        folder = make_home(tmp_path / f"home-{len(opened)}", code, f"Cơ sở {code}", pki)
        opened.append(Home.open(folder))
        return opened[-1]

    yield make
    for home in opened:
        home.close()
        stop(home.folder / "testpki")
