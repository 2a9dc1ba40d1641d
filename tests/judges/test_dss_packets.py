"""EU DSS accepts the packets that we make, as ASiC-E with CAdES,
and refuses any that was changed.
"""

import io
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.composition.trust_file import trust_file
from api.home import Home
from api.sharing.order import parse_order
from tests.fixtures.home import CLERK, chart, paper, take
from tests.judges.dss import PACKET, Dss

pytestmark = pytest.mark.judge


class PackedHome:
    """A home, and a packet of its one chart."""

    def __init__(self, home: Home) -> None:
        (result,) = take(home, chart(1, papers=[paper("1"), paper("2")]))
        order = parse_order(result.receipts[0].chart_id, "79002", "Chuyển tuyến điều trị")
        self.packet = (
            home.open_for_writing().packets.create(order, CLERK, home.scope, lambda data: None).data
        )
        trust = trust_file(home.settings)
        assert trust is not None
        self.trust = trust


@pytest.fixture(scope="module")
def packed(home_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackedHome]:
    """A packet with two originals and a reading copy."""
    folder = Path(shutil.copytree(home_template, tmp_path_factory.mktemp("packed") / "home"))
    with Home.open(folder) as home:
        yield PackedHome(home)


def unpacked(packet: bytes) -> dict[str, bytes]:
    """Return a packet's files, in their order."""
    with zipfile.ZipFile(io.BytesIO(packet)) as container:
        return {name: container.read(name) for name in container.namelist()}


def repacked(files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """Return a container of `files`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as container:
        for name, data in files.items():
            container.writestr(name, data)
    return out.getvalue()


def test_a_packet_is_asic_e_with_cades_b_lt_and_so_is_each_pdf_in_it(
    packed: PackedHome, dss: Dss, tmp_path: Path
) -> None:
    file = tmp_path / "packet.asice"
    file.write_bytes(packed.packet)
    dss.accept(file, packed.trust, PACKET)
    pdfs = [(name, data) for name, data in unpacked(packed.packet).items() if name.endswith(".pdf")]
    assert len(pdfs) == 3
    for name, data in pdfs:
        pdf = tmp_path / Path(name).name
        pdf.write_bytes(data)
        dss.accept(pdf, packed.trust)


@pytest.mark.parametrize(
    ("part", "at", "fault"),
    [
        ("manifest.json", 100, "CAdES-BASELINE-LT is TOTAL_FAILED HASH_FAILURE"),
        ("documents/", 1000, "CAdES-BASELINE-LT is TOTAL_FAILED HASH_FAILURE"),
        ("evidence/", 100, "CAdES-BASELINE-LT is TOTAL_FAILED HASH_FAILURE"),
        ("META-INF/ASiCManifest", -3, "EU DSS on"),  # it is no XML then
        # the token's last byte
        ("META-INF/signature", -1, "SIGNATURE_TIMESTAMP is FAILED SIG_CRYPTO_FAILURE"),
    ],
)
def test_a_packet_with_a_flipped_byte_is_refused(
    packed: PackedHome, dss: Dss, tmp_path: Path, part: str, at: int, fault: str
) -> None:
    files = unpacked(packed.packet)
    name = next(name for name in files if name.startswith(part))
    changed = bytearray(files[name])
    changed[at] ^= 1
    files[name] = bytes(changed)
    file = tmp_path / "packet.asice"
    file.write_bytes(repacked(files))
    with pytest.raises(AssertionError, match=fault):
        dss.accept(file, packed.trust, PACKET)


def test_a_packet_has_what_is_signed_and_nothing_else(
    packed: PackedHome, dss: Dss, tmp_path: Path
) -> None:
    files = unpacked(packed.packet)
    document = next(name for name in files if name.startswith("documents/"))
    wrong = {
        "more.txt is in the container or": repacked({**files, "more.txt": b"more"}),
        "ASiCManifest002.xml is in": repacked(
            {**files, "META-INF/ASiCManifest002.xml": b"<more/>"}
        ),
        "SIGNED_DATA_NOT_FOUND": repacked({n: d for n, d in files.items() if n != document}),
        "does not begin with its media type": repacked(
            {n: d for n, d in files.items() if n != "mimetype"}
        ),
        "begin with its media type": repacked(files, zipfile.ZIP_DEFLATED),
        "not begin with its media type": repacked(dict(reversed(files.items()))),
    }
    file = tmp_path / "packet.asice"
    for fault, data in wrong.items():
        file.write_bytes(data)
        assert fault in "\n".join(dss.judge(file, packed.trust).faults(PACKET))
    file.write_bytes(repacked(files))
    dss.accept(file, packed.trust, PACKET)
