"""Making a packet: permitted, scoped, recorded before it is given out, and whole or not there at
all.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from api.error_answers import exit_code
from api.home import Home
from api.sharing import names
from api.sharing.order import OrderRefused, PacketTooLarge, parse_order
from api.sharing.verification import verify_packet
from api.upkeep.maintenance import checker
from api.upkeep.setup import init_demo
from archive.access.actor import Actor
from archive.access.scope import Scope
from archive.acts.envelope import Act
from archive.base.clock import SystemClock
from archive.base.errors import Denied, IntegrityError, NotFound, Unavailable
from archive.base.identifiers import ObjectKey, sha256
from archive.catalog.tables import ActRow, HandoverRow
from signing.asic.container import read_container
from signing.testpki.folder import RUNNING
from signing.testpki.make import renew_test_pki
from signing.testpki.running import stop
from signing.trust import TrustRoots
from signing.validation.result.verdict import Verdict
from tests.api.sharing.conftest import REASON, RECEIVER, Workshop, an_order
from tests.fixtures.home import CLERK, chart, json_lines, kho, paper, take
from tests.judges.dss import ORIGINAL, PACKET, Dss
from tests.judges.ledger import LedgerJudge
from tests.judges.missing import require_program

POINTS = (
    "packet.made",
    "packet.kept",
    "act.pending",
    "act.put",
    "act.applied",
    "packet.recorded",
    "packet.given",
)
SIGKILLED = -9


def nothing(data: bytes) -> None:
    """Keep nothing."""


def handovers(home: Home) -> list[HandoverRow]:
    with home.catalog.read() as session:
        return session.query(HandoverRow).all()


def archived(home: Home, number: int = 1) -> str:
    """Archive a chart and return its id."""
    return str(take(home, chart(number))[0].receipts[0].chart_id)


# --- the command
# --------------------------------------------------------------------------------------------------


def test_a_packet_holds_the_chosen_papers_only(workshop: Workshop, tmp_path: Path) -> None:
    chosen = workshop.manifest.documents[1].document_id
    order = parse_order(workshop.chart_id, RECEIVER, REASON, [chosen])
    with Home.open(Path(shutil.copytree(workshop.home.folder, tmp_path / "home"))) as home:
        packet = home.open_for_writing().packets.create(order, CLERK, home.scope, nothing)
    assert [document.document_id for document in packet.manifest.documents] == [chosen]
    assert workshop.verify(packet.data).verdict is Verdict.VALID


def test_a_paper_that_is_not_in_force_in_the_chart_cannot_be_chosen(workshop: Workshop) -> None:
    history = workshop.home.open_for_reading().records.chart(
        workshop.chart_id, CLERK, workshop.home.scope
    )
    (old,) = (held.document.id for held in history.documents if held.document.superseded_by)
    before = len(handovers(workshop.home))
    for papers in ([old], [workshop.chart_id]):
        order = parse_order(workshop.chart_id, RECEIVER, REASON, papers)
        with pytest.raises(OrderRefused) as refused:
            workshop.home.open_for_writing().packets.create(
                order, CLERK, workshop.home.scope, nothing
            )
        assert [fault.code for fault in refused.value.faults] == ["packet.other_documents"]
    with pytest.raises(OrderRefused):
        parse_order(workshop.chart_id, RECEIVER, REASON, [])
    assert len(handovers(workshop.home)) == before


def test_the_command_names_each_fault_in_words(workshop: Workshop, tmp_path: Path) -> None:
    done = kho(
        workshop.home.folder,
        *("packet", "create", "--chart", workshop.chart_id, "--to", "x", "--reason", " "),
        *("-o", tmp_path / "packet.asice"),
    )
    assert done.returncode == exit_code(OrderRefused([]))
    assert "/recipient: Mã cơ sở nhận gồm 5 chữ số hoặc chữ hoa." in done.stderr
    assert "/reason: Lý do là một dòng chữ không trống" in done.stderr


def test_the_command_lists_packets_newest_first(workshop: Workshop) -> None:
    (line,) = json_lines(
        kho(workshop.home.folder, "packet", "list", "--state", "awaited", "--json").stdout
    )
    assert (line["packet_id"], line["recipient"]) == (workshop.manifest.packet_id, RECEIVER)
    assert line["chart_id"] == workshop.chart_id
    done = kho(workshop.home.folder, "packet", "list", "--received", "--json", check=True)
    assert done.stdout == ""


def test_the_command_answers_by_its_contract(home_folder: Path, tmp_path: Path) -> None:
    with Home.open(home_folder) as home:
        chart_id = archived(home)
    file = tmp_path / "out" / "packet.asice"
    file.parent.mkdir()
    arguments = (
        "packet",
        "create",
        "--json",
        "--chart",
        chart_id,
        "--to",
        RECEIVER,
        "--reason",
        REASON,
        "-o",
        file,
    )
    done = kho(home_folder, *arguments, check=True)
    lines = json_lines(done.stdout)
    assert lines == [
        {"packet_id": lines[0]["packet_id"], "documents": 1, "sha256": sha256(file.read_bytes())}
    ]
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert file.stat().st_mode & 0o777 == 0o600  # a patient's record: its owner's alone
    again = json_lines(kho(home_folder, *arguments, check=True).stdout)
    assert again[0]["packet_id"] != lines[0]["packet_id"]
    assert again[0]["sha256"] == sha256(file.read_bytes())
    with Home.open(home_folder) as home:
        assert [handover.packet_id for handover in handovers(home)] == [
            lines[0]["packet_id"],
            again[0]["packet_id"],
        ]
        assert checker(home).check(read_data=True).ok


@pytest.mark.parametrize(
    ("chart_id", "to", "reason", "code"),
    [
        ("01a205ad-0000-7000-8000-000000000000", RECEIVER, REASON, 4),
        ("nothing", RECEIVER, REASON, 4),
        ("nothing", "7900", REASON, 2),
        ("nothing", "79002x", REASON, 2),
        ("nothing", RECEIVER, "  ", 2),
    ],
)
def test_what_cannot_be_is_refused(
    home_folder: Path, tmp_path: Path, chart_id: str, to: str, reason: str, code: int
) -> None:
    file = tmp_path / "packet.asice"
    done = kho(
        home_folder,
        "packet",
        "create",
        "--chart",
        chart_id,
        "--to",
        to,
        "--reason",
        reason,
        "-o",
        file,
    )
    assert done.returncode == code, done.stderr
    assert not file.exists()


def test_a_folder_that_is_not_there_is_named(home_folder: Path, tmp_path: Path) -> None:
    with Home.open(home_folder) as home:
        chart_id = archived(home)
    file = tmp_path / "missing" / "packet.asice"
    done = kho(
        home_folder,
        "packet",
        "create",
        "--chart",
        chart_id,
        "--to",
        RECEIVER,
        "--reason",
        "x",
        "-o",
        file,
    )
    assert done.returncode == exit_code(Unavailable)
    assert str(file.parent) in done.stderr
    with Home.open(home_folder) as home:
        assert handovers(home) == []


# --- what is in it
# --------------------------------------------------------------------------------------------------


def test_originals_come_byte_for_byte_in_the_charts_order(workshop: Workshop) -> None:
    home = workshop.home
    for listed in workshop.manifest.documents:
        data = workshop.files[listed.name]
        assert (sha256(data), len(data)) == (listed.sha256, listed.size)
        assert any(
            stored.key.endswith(f"{listed.document_id}/{listed.sha256}.pdf")
            for stored in home.vault.list("99001/doc")
        )
    assert [document.act for document in workshop.manifest.documents] == [1, 2]


def test_only_documents_in_force_are_handed_over(workshop: Workshop) -> None:
    with workshop.home.catalog.read() as session:
        from archive.catalog import records

        documents = records.chart(session, workshop.chart_id, workshop.home.scope).documents
    assert len(documents) == 3
    in_force = [document.id for document in documents if document.superseded_by is None]
    assert [document.document_id for document in workshop.manifest.documents] == in_force


def test_the_acts_come_exactly_as_the_vault_keeps_them(workshop: Workshop) -> None:
    acts = {
        index: data
        for name, data in workshop.files.items()
        if (index := names.act_index(name)) is not None
    }
    kept = {
        stored.key: workshop.home.vault.read(stored.key, stored.version)
        for stored in workshop.home.vault.list("99001/acts/")
    }
    assert set(acts.values()) <= set(kept.values())
    schemas = {index: json.loads(data)["schema"].split("/")[2] for index, data in acts.items()}
    # 3 is another chart's
    assert schemas == {0: "facility", 1: "accession", 2: "accession", 4: "deposit"}


def test_files_stand_in_their_order(workshop: Workshop) -> None:
    indices = [0, 1, 2, 4]
    assert list(workshop.files) == [
        "mimetype",
        "manifest.json",
        *workshop.documents,
        "ban-doc.pdf",
        "evidence/facility.json",
        *(f"evidence/acts/{index:012}.json" for index in indices[1:]),
        *(f"evidence/proofs/{index:012}.tlog-proof" for index in indices),
        "META-INF/ASiCManifest001.xml",
        "META-INF/signature001.p7s",
    ]


@pytest.mark.judge
def test_openssl_finds_the_signature_genuine(workshop: Workshop, tmp_path: Path) -> None:
    require_program("openssl")
    for name in (names.SIGNATURE, names.ASIC_MANIFEST):
        (tmp_path / Path(name).name).write_bytes(workshop.files[name])
    command = [
        "openssl",
        "cms",
        "-verify",
        "-binary",
        "-inform",
        "DER",
        "-purpose",
        "any",
        "-out",
        "/dev/null",
    ]
    command += ["-in", "signature001.p7s", "-content", "ASiCManifest001.xml"]
    done = subprocess.run(
        [*command, "-CAfile", str(workshop.home.folder / "testpki" / "trust.pem")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.judge
def test_eu_dss_finds_packet_and_reading_copy_perfect(
    workshop: Workshop, packet_file: Path, tmp_path: Path, dss: Dss
) -> None:
    trust = workshop.home.folder / "testpki" / "trust.pem"
    dss.accept(packet_file, trust, PACKET)
    copy = tmp_path / "copy.pdf"
    copy.write_bytes(workshop.files[names.READING_COPY])
    said = dss.judge(copy, trust)
    tokens = [*said.signatures, *said.timestamps]
    assert {signature.kind for signature in said.signatures} == {ORIGINAL}
    assert {token.indication for token in tokens} == {"TOTAL_PASSED", "PASSED"}
    assert not [words for token in tokens for words in (*token.errors, *token.warnings)]


@pytest.mark.judge
def test_gos_transparency_log_accepts_every_proof(
    workshop: Workshop, tmp_path: Path, ledger_judge: LedgerJudge
) -> None:
    proofs = {
        index: data
        for name, data in workshop.files.items()
        if (index := names.proof_index(name)) is not None
    }
    assert len(proofs) == 4
    for index, data in proofs.items():
        file = tmp_path / f"{index}.tlog-proof"
        file.write_bytes(data)
        act = sha256(workshop.files[names.act_name(index)])
        assert ledger_judge.inclusion(workshop.manifest.ledger.key, file, act).ok


def test_a_renewed_seal_is_proven_by_its_act(fresh_home: Any) -> None:
    home = fresh_home()
    folder = home.folder
    take(home, chart(1, papers=[paper("1")]))
    home.close()
    # the service that runs is the template's, and goes on serving other tests
    (folder / "testpki" / RUNNING).unlink()
    renew_test_pki(folder / "testpki", SystemClock().now())
    with init_demo(folder, CLERK) as renewed:
        chart_id = take(renewed, chart(1, papers=[paper("1"), paper("2")]))[0].receipts[0].chart_id
        packet = renewed.open_for_writing().packets.create(
            an_order(chart_id), CLERK, renewed.scope, nothing
        )
        report = verify_packet(packet.data, TrustRoots.from_files(folder / "testpki" / "trust.pem"))
    stop(folder / "testpki")
    schemas = [
        json.loads(d)["schema"]
        for n, d in read_container(packet.data).items()
        if names.act_index(n) is not None
    ]
    assert "kho/act/seal-chain/1" in schemas
    assert (report.verdict, len(report.documents)) == (Verdict.VALID, 2), report.reasons.en


# --- the act
# --------------------------------------------------------------------------------------------------


def test_the_handover_is_recorded(workshop: Workshop) -> None:
    home = workshop.home
    row = next(
        handover
        for handover in handovers(home)
        if handover.packet_id == workshop.manifest.packet_id
    )
    assert (row.recipient, row.reason, row.sha256) == (RECEIVER, REASON, workshop.packet.sha256)
    with home.catalog.read() as session:
        act_row = session.get(ActRow, (row.facility, row.act_index))
        assert act_row is not None
    key = ObjectKey(act_row.object_key)
    act = Act.model_validate(json.loads(home.vault.read(key, act_row.object_version)))
    assert act.chart == workshop.chart_id
    assert act.facts["documents"] == [
        document.document_id for document in workshop.manifest.documents
    ]
    assert workshop.manifest.patient.name not in json.dumps(act.facts, ensure_ascii=False)
    lock = home.vault.stat(key, act_row.object_version).lock
    assert lock is not None
    # the chart is deposited: its acts are kept as long as it is
    assert lock.retain_until.year > 2034


def test_a_reader_may_not_make_packets(workshop: Workshop) -> None:
    reader = Actor("Người Đọc", "reader")
    with pytest.raises(Denied):
        workshop.home.open_for_writing().packets.create(
            an_order(workshop.chart_id), reader, workshop.home.scope, nothing
        )


def test_a_chart_outside_the_scope_is_unknown(workshop: Workshop) -> None:
    elsewhere = Scope(workshop.home.code, frozenset({"K99"}))
    with pytest.raises(NotFound):
        workshop.home.open_for_writing().packets.create(
            an_order(workshop.chart_id), CLERK, elsewhere, nothing
        )


def test_a_damaged_original_is_never_handed_over(fresh_home: Any) -> None:
    home = fresh_home()
    chart_id = archived(home)
    file = next(
        path
        for path in (home.folder / "vault" / "99001" / "documents").rglob("*.pdf")
        if path.is_file()
    )
    file.chmod(0o600)
    file.write_bytes(file.read_bytes().replace(b"%PDF", b"%pdf", 1))
    with pytest.raises(IntegrityError):
        home.open_for_writing().packets.create(an_order(chart_id), CLERK, home.scope, nothing)
    assert handovers(home) == []


def test_what_cannot_be_kept_is_not_recorded(fresh_home: Any) -> None:
    home = fresh_home()
    chart_id = archived(home)

    def full_disk(data: bytes) -> None:
        raise Unavailable(component="disk", why="full")

    with pytest.raises(Unavailable):
        home.open_for_writing().packets.create(an_order(chart_id), CLERK, home.scope, full_disk)
    assert handovers(home) == []


def test_the_reason_is_one_line_in_nfc() -> None:
    assert parse_order("x", "79002", " Chuyê\u0309n ").reason == "Chuyển"
    for reason in ("", " ", "a\nb", "a\0b", "x" * 1025):
        with pytest.raises(OrderRefused) as refused:
            parse_order("x", "79002", reason)
        assert [fault.path for fault in refused.value.faults] == ["/reason"]
    with pytest.raises(OrderRefused) as refused:
        parse_order("x", "7900a", "")
    assert [fault.code for fault in refused.value.faults] == ["packet.reason", "packet.recipient"]


def test_a_chart_too_large_for_a_packet_says_so(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.sharing import packet_service

    monkeypatch.setattr(packet_service, "MAX_CONTAINER", 1000)
    with pytest.raises(PacketTooLarge):
        workshop.home.open_for_writing().packets.create(
            an_order(workshop.chart_id), CLERK, workshop.home.scope, nothing
        )


# --- killed in between
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_leaves_no_half_file_and_no_false_handover(
    home_folder: Path, tmp_path: Path, point: str
) -> None:
    with Home.open(home_folder) as home:
        chart_id = archived(home)
    out = tmp_path / "out"
    out.mkdir()
    file = out / "packet.asice"
    arguments = (
        "packet",
        "create",
        "--json",
        "--chart",
        chart_id,
        "--to",
        RECEIVER,
        "--reason",
        REASON,
        "-o",
        file,
    )
    killed = kho(home_folder, *arguments, env={"KHO_CRASH_AT": point})
    assert killed.returncode == SIGKILLED
    assert killed.stdout == ""
    given = point == "packet.given"
    assert [path.name for path in out.iterdir()] == ([file.name] if given else [])
    # from here on recovery only goes forward
    recorded = POINTS.index(point) >= POINTS.index("act.pending")
    with Home.open(home_folder) as home:
        home.sequencer.catch_up()
        assert len(handovers(home)) == (1 if recorded else 0)
        if given:
            assert handovers(home)[0].sha256 == sha256(file.read_bytes())
    again = json_lines(kho(home_folder, *arguments, check=True).stdout)
    with Home.open(home_folder) as home:
        assert handovers(home)[-1].packet_id == again[0]["packet_id"]
        assert checker(home).check(read_data=True).ok
