"""Papers that claim to be of this facility: the signed acts decide, not what a paper says."""

import base64
import io
import json
from pathlib import Path

import pytest

from api.home import Home
from api.reading.verification import judged
from api.sharing import names
from api.upkeep.maintenance import rebuild
from api.web.app import create_app
from archive.acts.signed_acts import CatalogueAltered
from archive.base.identifiers import ObjectKey, Sha256, sha256
from archive.catalog.tables import (
    FacilityRow,
    SealChainRow,
)
from signing.asic.container import read_container
from signing.validation.result.verdict import Verdict
from tests.api.sharing.conftest import confirm_partner, receive
from tests.api.sharing.facilities import (
    OURS,
    RECIPIENT,
    SENDER,
    MakeHome,
    packet_of,
)
from tests.fixtures.browsing import Visitor, with_accounts
from tests.fixtures.home import chart, kho, paper, take

NOT_OURS = "</span>Mang tên cơ sở này nhưng không phải của kho này"  # the word of the verdict


def clinics_paper(clinic: Home) -> bytes:
    """Return a paper that names the clinic's claimed facility, validly sealed with the clinic's own
    certificate.
    """
    (result,) = take(clinic, chart(1, facility=clinic.code))
    (receipt,) = result.receipts
    return clinic.vault.read(
        ObjectKey(receipt.object_key), receipt.version_id, Sha256(receipt.sha256)
    )


def test_a_paper_that_names_this_facility_but_is_not_of_this_archive_has_a_verdict_of_its_own(
    new_home: MakeHome, tmp_path: Path
) -> None:
    ours, clinic = new_home(OURS, "seal"), new_home(OURS, "clinic")
    forged = clinics_paper(clinic)
    assert judged(forged, ours.trust).report.verdict is Verdict.VALID  # the signature itself is
    report = ours.open_for_reading().verification.verify(forged, ours.scope).report
    assert report.verdict is Verdict.NOT_OF_THIS_ARCHIVE
    assert "TEST Clinic" in report.reasons.en
    genuine = clinics_paper(ours)
    assert (
        ours.open_for_reading().verification.verify(genuine, ours.scope).report.verdict
        is Verdict.VALID
    )
    assert (
        clinic.open_for_reading()
        .verification.verify(genuine, clinic.scope, ours.trust)
        .report.verdict
        is Verdict.NOT_OF_THIS_ARCHIVE
    )
    (tmp_path / "forged.pdf").write_bytes(forged)
    done = kho(ours.folder, "verify", "--json", "--lang", "en", tmp_path / "forged.pdf")
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (6, "not_of_this_archive")
    assert "names this facility but does not come from this archive" in done.stderr
    visitor = Visitor(create_app(ours, with_accounts(ours)))
    visitor.sign_in()
    page = visitor.send("/verify", file=(io.BytesIO(forged), "giay.pdf")).text
    assert NOT_OURS in page


def test_archived_as_a_file_of_others_it_is_still_not_of_this_archive_on_every_page(
    new_home: MakeHome,
) -> None:
    ours, clinic = new_home(OURS, "seal"), new_home(OURS, "clinic")
    forged = clinics_paper(clinic)
    content = {"name": "giay.pdf", "content": base64.b64encode(forged).decode()}
    (result,) = take(
        ours, chart(1, facility=OURS, papers=[{"form": "KHAC", "key": "1", "file": content}])
    )
    (receipt,) = result.receipts
    assert receipt.sha256 == sha256(forged)
    visitor = Visitor(create_app(ours, with_accounts(ours)))
    visitor.sign_in()
    for page in (
        visitor.get(f"/documents/{receipt.document_id}"),
        # what the QR code leads to
        visitor.send(f"/v/{receipt.document_id}", file=(io.BytesIO(forged), "giay.pdf")),
    ):
        assert NOT_OURS in page.text


def passed_on(sender: Home, pdf: bytes) -> bytes:
    """Return a packet in which a partner passes on a paper that it received as a file."""
    content = {"name": "giay.pdf", "content": base64.b64encode(pdf).decode()}
    return packet_of(sender, papers=[paper("1"), {"form": "KHAC", "key": "1", "file": content}])


def test_a_partners_packet_that_brings_such_a_paper_is_imported_with_a_warning(
    new_home: MakeHome, tmp_path: Path
) -> None:
    ours, sender, clinic = (
        new_home(OURS, "seal"),
        new_home(SENDER, "sender"),
        new_home(OURS, "clinic"),
    )
    file = tmp_path / "packet.asice"
    file.write_bytes(passed_on(sender, clinics_paper(clinic)))
    confirm_partner(ours, file.read_bytes())
    for command in ("verify", "import"):
        (warning,) = json.loads(
            kho(ours.folder, "packet", command, "--json", file, check=True).stdout
        )["warnings"]
        assert warning["code"] == "packet.not_of_this_archive"
        assert warning["path"].startswith("documents/")
        assert "KHAC" in warning["path"]
        assert "TEST Clinic" in warning["message"]


def test_a_paper_of_ours_that_a_partner_brings_back_is_ours(new_home: MakeHome) -> None:
    ours, sender = new_home(OURS, "seal"), new_home(SENDER, "sender")
    genuine = clinics_paper(ours)
    data = passed_on(sender, genuine)
    assert receive(ours, data).warnings == ()
    assert ours.open_for_reading().claims.warnings(data, ours.trust) == ()
    for _ in range(2):
        verification = ours.open_for_reading().verification.verify(genuine, ours.scope)
        assert (verification.report.verdict, verification.origin) == (Verdict.VALID, "rendered")
        rebuild(ours)


def test_a_reading_copy_that_we_sealed_is_ours_and_one_with_our_name_by_another_seal_is_not(
    new_home: MakeHome,
) -> None:
    ours, clinic = new_home(OURS, "seal"), new_home(OURS, "clinic")
    for home, verdict in ((ours, Verdict.VALID), (clinic, Verdict.NOT_OF_THIS_ARCHIVE)):
        copy = read_container(packet_of(home, RECIPIENT))[names.READING_COPY]
        assert (
            ours.open_for_reading().verification.verify(copy, ours.scope).report.verdict is verdict
        )


def test_an_altered_catalogue_gives_no_forger_this_facilitys_name(new_home: MakeHome) -> None:
    ours, clinic = new_home(OURS, "seal"), new_home(OURS, "clinic")
    # it claims the name only
    copy = read_container(packet_of(clinic, RECIPIENT))[names.READING_COPY]
    with ours.catalog.write() as session:
        session.query(FacilityRow).update({"name": "Bệnh viện Khác"})
    assert (
        ours.open_for_reading().verification.verify(copy, ours.scope).report.verdict
        is Verdict.NOT_OF_THIS_ARCHIVE
    )
    with ours.catalog.write() as session:
        session.query(SealChainRow).update({"pem": clinic_chain(clinic)})
    with pytest.raises(CatalogueAltered):
        ours.open_for_reading().verification.verify(copy, ours.scope)


def clinic_chain(clinic: Home) -> str:
    """Return the seal chain that the clinic's own act 0 states."""
    with clinic.catalog.read() as session:
        return str(session.query(SealChainRow.pem).scalar())
