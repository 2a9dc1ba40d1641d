"""A claimed code is no identity: under one shared root, a clinic's seal and a new ledger claim the
code of others.
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api import handing
from api.home import Home
from api.sharing import names
from api.sharing.partners import CheckCodeDiffers, ClaimsThisFacility, NotAPartner, PartnerDiffers
from api.sharing.receipt import parse_receipt
from api.sharing.refusals import ReceiptRefused
from api.upkeep.maintenance import checker, rebuild
from api.web.app import create_app
from api.web.texts import text as web_text
from archive.access.actor import Actor
from archive.acts.envelope import ActActor, ActObject, Draft
from archive.acts.packet_receipt import MEDIA_TYPE, SCHEMA_RETURNED_1, receipt_key
from archive.acts.signed_acts import CatalogueAltered
from archive.base.errors import Denied, NotFound, SubmissionRejected
from archive.base.identifiers import ChartId, ObjectKey, sha256
from archive.catalog import records
from archive.catalog.tables import (
    ActRow,
    ChartRow,
    DocumentRow,
    PacketReceiptRow,
    PartnerRow,
    ReceivedPacketRow,
)
from signing.asic.container import read_container
from tests.api.sharing.conftest import Workshop, confirm_partner, receive
from tests.api.sharing.facilities import (
    OURS,
    RECIPIENT,
    SENDER,
    MakeHome,
    dump,
    forged_patient,
    give_back,
    identity,
    packet_of,
)
from tests.fixtures.browsing import Visitor, with_accounts
from tests.fixtures.home import CLERK, chart, json_lines, kho, paper, take

# --- the attack
# --------------------------------------------------------------------------------------------------


def test_a_clinic_that_claims_a_partners_code_joins_supersedes_and_renames_nothing(
    new_home: MakeHome,
) -> None:
    ours, sender, clinic = (
        new_home(OURS, "seal"),
        new_home(SENDER, "sender"),
        new_home(SENDER, "clinic"),
    )
    genuine = receive(ours, packet_of(sender))
    forged = packet_of(clinic, papers=[paper("1", "Giả mạo")], patient=forged_patient())
    before = dump(ours)
    with pytest.raises(PartnerDiffers) as refused:
        receive(ours, forged, of_partner=False)
    assert dump(ours) == before
    shown = refused.value.as_json()["identity"]
    assert shown["code"] == SENDER
    assert "TEST Clinic" in shown["seal"]["subject"]
    assert refused.value.identity.check_code in refused.value.explain("en")
    with ours.catalog.read() as session:
        (row,) = session.query(DocumentRow).filter_by(chart_id=genuine.chart_id)
        assert row.superseded_by is None


def test_a_packet_of_a_stranger_is_refused_and_says_what_a_person_compares(
    new_home: MakeHome,
) -> None:
    ours, clinic = new_home(OURS, "seal"), new_home(SENDER, "clinic")
    data, before = packet_of(clinic), dump(ours)
    with pytest.raises(NotAPartner) as refused:
        receive(ours, data, of_partner=False)
    assert type(refused.value) is NotAPartner
    assert dump(ours) == before
    own = handing.own_identity(clinic)
    sentence = refused.value.explain("vi")
    for fact in (
        own.code,
        own.name,
        own.ledger_fingerprint,
        own.seal.subject,
        own.seal.sha256,
        own.check_code,
    ):
        assert fact in sentence


def test_our_own_code_from_another_ledger_is_refused_and_cannot_be_confirmed(
    new_home: MakeHome,
) -> None:
    ours, clinic = new_home(OURS, "seal"), new_home(OURS, "clinic")
    data = packet_of(clinic)
    with pytest.raises(ClaimsThisFacility):
        receive(ours, data, of_partner=False)
    with pytest.raises(ClaimsThisFacility):
        confirm_partner(ours, data)


def test_a_packet_that_names_this_facility_verifies_as_not_of_this_archive_and_our_own_as_ours(
    new_home: MakeHome, tmp_path: Path
) -> None:
    ours, clinic = new_home(OURS, "seal"), new_home(OURS, "clinic")
    file = tmp_path / "goi.asice"
    for home, verdict, code, standing in (
        (ours, "valid", 0, "own"),
        (clinic, "not_of_this_archive", 6, "this_facility"),
    ):
        file.write_bytes(packet_of(home, RECIPIENT))
        done = kho(ours.folder, "packet", "verify", "--json", file)
        own = json.loads(done.stdout)
        assert (own["verdict"], done.returncode, own["partner"]) == (
            verdict,
            code,
            standing,
        )


def test_a_forged_receipt_does_not_count_and_keeps_the_genuine_one_not_away(
    new_home: MakeHome,
) -> None:
    ours, recipient, clinic = (
        new_home(OURS, "seal"),
        new_home(RECIPIENT, "recipient"),
        new_home(RECIPIENT, "clinic"),
    )
    data = packet_of(ours, RECIPIENT)
    forged = receive(clinic, data).receipt
    genuine = receive(recipient, data).receipt
    for known in (False, True):  # whether the partner was confirmed before the forged receipt came
        if known:
            confirm_partner(ours, genuine)
        with pytest.raises(NotAPartner):
            give_back(ours, forged)
        with ours.catalog.read() as session:
            assert session.query(PacketReceiptRow).count() == 0
    assert give_back(ours, genuine).identity == handing.own_identity(recipient)
    with ours.catalog.read() as session:
        (row,) = session.query(PacketReceiptRow)
    own = handing.own_identity(recipient)
    assert (row.ledger_key, row.signer, row.certificate) == (
        own.ledger_key,
        own.seal.subject,
        own.seal.sha256,
    )


def store_as_an_earlier_kho_did(home: Home, data: bytes) -> None:
    """Record a receipt with the act of version 1, which took any valid receipt and stated no
    ledger.
    """
    receipt = parse_receipt(read_container(data)[names.RECEIPT])
    digest, until = sha256(data), home.clock.now() + timedelta(days=90)
    key = ObjectKey(receipt_key(home.code, receipt.packet.id, digest))
    stored = home.vault.put(key, data, retain_until=until, media_type=MEDIA_TYPE)
    facts = {
        "packet": receipt.packet.id,
        "partner": receipt.receiver.code,
        "sha256": receipt.packet.sha256,
        "received_at": receipt.received_at,
    }
    bound = ActObject(
        key=key, version=stored.version, sha256=digest, size=len(data), media_type=MEDIA_TYPE
    )
    with home.catalog.read() as session:
        chart_id = ChartId(session.query(ChartRow).one().id)
    who = ActActor(name=CLERK.name, role=CLERK.role)
    draft = Draft(
        schema_name=SCHEMA_RETURNED_1,
        actor=who,
        chart=chart_id,
        facts=facts,
        objects=(bound,),
        seen=(stored,),
    )
    home.sequencer.append(lambda session: (draft, until))


def test_a_forged_receipt_that_an_earlier_kho_stored_keeps_the_genuine_one_not_away(
    new_home: MakeHome,
) -> None:
    ours, recipient, clinic = (
        new_home(OURS, "seal"),
        new_home(RECIPIENT, "recipient"),
        new_home(RECIPIENT, "clinic"),
    )
    data = packet_of(ours, RECIPIENT)
    forged, genuine = receive(clinic, data).receipt, receive(recipient, data).receipt
    store_as_an_earlier_kho_did(ours, forged)
    confirm_partner(ours, genuine)
    returned = give_back(ours, genuine)
    assert (returned.sha256, returned.identity) == (
        sha256(genuine),
        handing.own_identity(recipient),
    )
    with pytest.raises(NotAPartner):
        give_back(ours, forged)  # stored, and still no proof
    visitor = Visitor(create_app(ours, with_accounts(ours)))
    visitor.sign_in()
    with ours.catalog.read() as session:
        page = visitor.get(f"/charts/{session.query(ChartRow).one().id}").text
    assert page.count(web_text("packets.signer_not_recorded", "vi")) == 1
    assert "TEST Recipient" in page
    ours.follow_ups.run()
    before = dump(ours)
    rebuild(ours)
    assert dump(ours) == before
    assert checker(ours).check(read_data=True).ok


def test_another_partner_cannot_give_the_receipt_of_the_recipient(new_home: MakeHome) -> None:
    ours, other = new_home(OURS, "seal"), new_home(SENDER, "sender")
    receipt = receive(other, packet_of(ours, RECIPIENT)).receipt
    confirm_partner(ours, receipt)
    with pytest.raises(ReceiptRefused) as refused:
        give_back(ours, receipt)
    assert [fault.code for fault in refused.value.faults] == ["receipt.other_receiver"]


# --- ledgers never meet
# --------------------------------------------------------------------------------------------------


def test_after_a_partner_began_a_new_archive_its_papers_join_nothing_of_the_old_one(
    new_home: MakeHome,
) -> None:
    ours, old, new = new_home(OURS, "seal"), new_home(SENDER, "sender"), new_home(SENDER, "renewed")
    first = receive(ours, packet_of(old))
    data = packet_of(new, papers=[paper("1", "Viêm phế quản")], patient=forged_patient())
    with pytest.raises(PartnerDiffers):
        confirm_partner(ours, data)
    confirm_partner(ours, data, replace=True)
    second = receive(ours, data)
    assert second.chart_id != first.chart_id
    with ours.catalog.read() as session:
        names = {row.id: row.patient.name for row in session.query(ChartRow)}
        assert {row.superseded_by for row in session.query(DocumentRow)} == {None}
    assert names[first.chart_id] != names[second.chart_id] == "Kẻ Mạo Danh"
    assert receive(ours, data).again
    with pytest.raises(PartnerDiffers):  # the old ledger counts no longer
        receive(ours, packet_of(old, papers=[paper("3")]), of_partner=False)


def test_a_packet_joins_no_chart_of_our_own_and_our_messages_no_partners_chart(
    new_home: MakeHome,
) -> None:
    ours, sender = new_home(OURS, "seal"), new_home(SENDER, "sender")
    own = {**chart(1)["chart"], "episode": f"{SENDER}/LK000001"}
    (mine,) = take(ours, chart(1, facility=OURS, chart=own))
    received = receive(ours, packet_of(sender, patient=forged_patient()))
    assert received.chart_id != mine.receipts[0].chart_id
    with ours.catalog.read() as session:
        row = records.chart(session, mine.receipts[0].chart_id, ours.scope)
        assert (row.patient.name, len(row.documents)) == (chart(1)["patient"]["name"], 1)
        theirs = records.chart(session, received.chart_id, ours.scope).episode
    (result,) = take(
        ours, chart(1, facility=OURS, chart={**own, "episode": theirs}, papers=[paper("9")])
    )
    assert [fault.code for fault in result.faults] == ["chart.other_ledger"]


def test_a_later_packet_leaves_the_chart_in_its_department(new_home: MakeHome) -> None:
    ours, sender = new_home(OURS, "seal"), new_home(SENDER, "sender")
    received = receive(ours, packet_of(sender), department="K07")
    receive(ours, packet_of(sender, papers=[paper("2")]))
    with ours.catalog.read() as session:
        assert records.chart(session, received.chart_id, ours.scope).department == "K07"


# --- the partners
# --------------------------------------------------------------------------------------------------


def test_only_a_person_with_the_permission_and_the_check_code_confirms(new_home: MakeHome) -> None:
    ours, sender = new_home(OURS, "seal"), new_home(SENDER, "sender")
    own, partners = identity(ours, packet_of(sender)), ours.open_for_reading().partners
    assert own == handing.own_identity(sender)
    for role in ("his", "reader", "witness"):
        with pytest.raises(Denied):
            partners.confirm(own, own.check_code, Actor("Phần mềm", role))
        with pytest.raises(Denied):
            partners.remove(SENDER, Actor("Phần mềm", role))
    with pytest.raises(CheckCodeDiffers):
        partners.confirm(own, handing.own_identity(ours).check_code, CLERK)
    assert partners.all() == []
    partners.confirm(own, own.check_code.replace(" ", "-").upper(), CLERK)
    assert [partner.code for partner in partners.all()] == [SENDER]
    before = dump(ours)
    partners.confirm(own, own.check_code, CLERK)
    assert dump(ours) == before


def test_a_removed_partner_counts_no_longer_and_a_rebuild_knows_the_same_partners(
    new_home: MakeHome,
) -> None:
    ours, sender = new_home(OURS, "seal"), new_home(SENDER, "sender")
    data, partners = packet_of(sender), ours.open_for_reading().partners
    receive(ours, data)
    ours.follow_ups.run()
    before = dump(ours)
    rebuild(ours)
    assert dump(ours) == before
    partners.remove(SENDER, CLERK)
    with pytest.raises(NotAPartner):
        receive(ours, data, of_partner=False)
    with pytest.raises(NotFound):
        partners.remove(SENDER, CLERK)
    ours.follow_ups.run()
    assert checker(ours).check(read_data=True).faults == []


def test_the_act_of_an_import_records_ledger_and_certificate(new_home: MakeHome) -> None:
    ours, sender = new_home(OURS, "seal"), new_home(SENDER, "sender")
    receive(ours, packet_of(sender))
    own = handing.own_identity(sender)
    with ours.catalog.read() as session:
        (row,) = session.query(ReceivedPacketRow)
        schemas = [act.schema for act in session.query(ActRow).order_by(ActRow.index)]
    assert schemas[1:] == [
        "kho/act/partner/1",
        "kho/act/accession/5",
        "kho/act/reception-receipt/2",
    ]
    assert (row.ledger_key, row.signer, row.certificate) == (
        own.ledger_key,
        own.seal.subject,
        own.seal.sha256,
    )
    facts: Any = ours.signed.facts(row.act_index)
    assert facts.received.came_from == own.came_from


def test_the_commands_lead_from_a_refused_packet_to_a_confirmed_partner(
    workshop: Workshop, receiver: Home, packet_file: Path
) -> None:
    receiver.close()
    home, trust = receiver.folder, ("--trust", str(workshop.trust_file))
    done = kho(home, "packet", "import", "--json", packet_file, *trust)
    assert done.returncode == 3
    (own,) = json_lines(done.stdout)
    assert own["error"]["code"] == "partner.unknown"
    verified = json.loads(
        kho(home, "packet", "verify", "--json", packet_file, *trust, check=True).stdout
    )
    assert verified["partner"] == "unknown"
    assert verified["identity"] == own["error"]["identity"]
    said = kho(home, "packet", "verify", "--lang", "en", packet_file, *trust, check=True).stdout
    assert "partner NOT KNOWN" in said
    own = json.loads(kho(workshop.home.folder, "partner", "own", "--json", check=True).stdout)
    assert own == verified["identity"]
    wrong = kho(home, "partner", "confirm", packet_file, "--check-code", "0" * 32, *trust)
    assert (wrong.returncode, own["check_code"] in wrong.stderr) == (3, False)
    kho(
        home,
        "partner",
        "confirm",
        packet_file,
        "--check-code",
        own["check_code"],
        *trust,
        check=True,
    )
    shown = json.loads(
        kho(home, "partner", "show", "--json", packet_file, *trust, check=True).stdout
    )
    assert shown["partner"] == "confirmed"
    (partner,) = json.loads(kho(home, "partner", "list", "--json", check=True).stdout)["partners"]
    assert partner["seals"] == [own["seal"]]
    assert kho(home, "packet", "import", packet_file, *trust).returncode == 0
    assert kho(home, "partner", "remove", "99001").returncode == 0
    assert kho(home, "partner", "remove", "99001").returncode == 4


def test_a_local_message_cannot_take_a_partners_place_in_between(new_home: MakeHome) -> None:
    """Both places of a chart are taken by others: the packet is refused and nothing is merged."""
    ours, sender = new_home(OURS, "seal"), new_home(SENDER, "sender")
    own = handing.own_identity(sender)
    for prefix in (SENDER, f"{SENDER}-{own.ledger_fingerprint[:16]}"):
        take(
            ours,
            chart(1, facility=OURS, chart={**chart(1)["chart"], "episode": f"{prefix}/LK000001"}),
        )
    with pytest.raises(SubmissionRejected) as refused:
        receive(ours, packet_of(sender))
    assert [fault.code for fault in refused.value.faults] == ["chart.other_ledger"]


def test_a_row_brings_no_removed_partner_and_no_earlier_ledger_back(new_home: MakeHome) -> None:
    """The act that confirmed the partner is signed, but a later one ended it."""
    ours, sender, begun_again = (
        new_home(OURS, "seal"),
        new_home(SENDER, "sender"),
        new_home(SENDER, "renewed"),
    )
    data, later = packet_of(sender), packet_of(begun_again)
    confirm_partner(ours, data)
    earlier = rows_of_partner(ours)
    confirm_partner(ours, later, replace=True)
    with ours.catalog.write() as session:
        session.query(PartnerRow).update(earlier)
    with pytest.raises(CatalogueAltered):
        receive(ours, data, of_partner=False)
    rebuild(ours)
    ours.open_for_reading().partners.remove(SENDER, CLERK)
    with ours.catalog.write() as session:
        session.add(PartnerRow(facility=OURS, code=SENDER, **earlier))
    for use in (
        lambda: receive(ours, data, of_partner=False),
        lambda: ours.open_for_reading().partners.all(),
        lambda: handing.standing(ours, identity(ours, data)),
    ):
        with pytest.raises(CatalogueAltered):
            use()


def rows_of_partner(home: Home) -> dict[Any, Any]:
    with home.catalog.read() as session:
        row = session.get_one(PartnerRow, (home.code, SENDER))
        return {
            name: getattr(row, name)
            for name in ("name", "ledger_origin", "ledger_key", "seals", "act_index")
        }


def test_a_removed_partner_that_is_confirmed_again_counts_again(new_home: MakeHome) -> None:
    ours, sender = new_home(OURS, "seal"), new_home(SENDER, "sender")
    data = packet_of(sender)
    confirm_partner(ours, data)
    ours.open_for_reading().partners.remove(SENDER, CLERK)
    with pytest.raises(NotAPartner):
        receive(ours, data, of_partner=False)
    confirm_partner(ours, data)
    assert not receive(ours, data, of_partner=False).again


def test_a_row_makes_no_partners_chart_one_of_our_own(new_home: MakeHome) -> None:
    ours, sender = new_home(OURS, "seal"), new_home(SENDER, "sender")
    received = receive(ours, packet_of(sender))
    with ours.catalog.write() as session:
        episode = session.get_one(ChartRow, received.chart_id).episode
        session.query(ReceivedPacketRow).delete()
    message = chart(1, facility=OURS)
    message["chart"]["episode"] = episode
    with pytest.raises(CatalogueAltered):
        take(ours, message)
