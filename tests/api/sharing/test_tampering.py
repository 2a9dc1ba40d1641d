"""Whatever is done to a packet, by a stranger or by the sender itself, it is never found valid
again.
"""

import json
import random
from collections.abc import Callable

import pytest

from api.sharing import names
from api.sharing.findings import Code
from api.sharing.report import PacketReport
from archive.base.canonical import canonical
from archive.base.errors import Unreadable
from archive.ledger.checkpoint import CheckpointSigner, TreeHead
from signing.asic.container import read_container
from signing.trust import TrustRoots
from signing.validation.result.verdict import Verdict
from tests.api.sharing.conftest import Files, Workshop
from tests.archive.marks import MARKS
from tests.fixtures.pki import RunningPki

ACT = names.act_name(1)
PROOF = names.proof_name(1)


def codes(report: PacketReport) -> set[Code]:
    return {finding.code for finding in report.findings}


# --- by somebody without the sender's key
# ---------------------------------------------------------------------------


def test_the_genuine_packet_is_valid(workshop: Workshop) -> None:
    assert workshop.verify(workshop.packet.data).verdict is Verdict.VALID


def test_a_packet_packed_again_with_the_same_files_is_valid(workshop: Workshop) -> None:
    assert workshop.packed(workshop.files) == workshop.packet.data


def test_marks_without_end_are_refused_before_they_are_sorted(workshop: Workshop) -> None:
    manifest = json.loads(workshop.files[names.MANIFEST])
    manifest["patient"]["name"] = MARKS
    packed = workshop.packed({**workshop.files, names.MANIFEST: canonical(manifest)})
    assert workshop.verify(packed).verdict is Verdict.INVALID


def test_every_file_is_protected_against_change(workshop: Workshop) -> None:
    for name, data in workshop.files.items():
        report = workshop.verify(
            workshop.packed({**workshop.files, name: data[:-1] + bytes([data[-1] ^ 1])})
        )
        assert report.verdict in (Verdict.INVALID, Verdict.INDETERMINATE), name
        if name not in (names.SIGNATURE, names.ASIC_MANIFEST, names.MIMETYPE):
            assert Code.CHANGED in codes(report), name
            assert report.verdict is Verdict.INVALID


def test_every_file_is_missed(workshop: Workshop) -> None:
    for gone in workshop.files:
        report = workshop.verify(
            workshop.packed({n: d for n, d in workshop.files.items() if n != gone})
        )
        expected = Verdict.UNSIGNED if gone == names.SIGNATURE else Verdict.INVALID
        assert report.verdict is expected, gone


@pytest.mark.parametrize(
    "name",
    ["xau.pdf", "documents/999-36-BV2-x.pdf", "META-INF/signature002.p7s", names.act_name(9)],
)
def test_a_file_more_is_found(workshop: Workshop, name: str) -> None:
    report = workshop.verify(workshop.packed({**workshop.files, name: b"%PDF-1.7\n"}))
    assert report.verdict is Verdict.INVALID
    assert Code.UNLISTED in codes(report) or Code.ACT in codes(report)


def test_documents_cannot_change_places(workshop: Workshop) -> None:
    first, second = workshop.documents
    files = workshop.files
    swapped = {**files, first: files[second], second: files[first]}
    report = workshop.verify(workshop.packed(swapped))
    assert report.verdict is Verdict.INVALID
    assert {part.verdict for part in report.documents} == {Verdict.INVALID}
    assert not any(part.in_ledger for part in report.documents)


def test_files_cannot_stand_in_another_order(workshop: Workshop) -> None:
    first, second = workshop.documents
    order = [{first: second, second: first}.get(name, name) for name in workshop.files]
    report = workshop.verify(workshop.packed({name: workshop.files[name] for name in order}))
    assert (report.verdict, codes(report)) == (Verdict.INVALID, {Code.ORDER})


def test_mimetype_must_be_the_first_file(workshop: Workshop) -> None:
    last = {name: data for name, data in workshop.files.items() if name != names.MIMETYPE}
    report = workshop.verify(workshop.packed({**last, names.MIMETYPE: names.MEDIA_TYPE}))
    assert report.verdict is Verdict.INVALID
    assert Code.MIMETYPE in codes(report)


def test_a_packet_without_signature_is_unsigned(workshop: Workshop) -> None:
    bare = {n: d for n, d in workshop.files.items() if n != names.SIGNATURE}
    report = workshop.verify(workshop.packed(bare))
    assert (report.verdict, codes(report)) == (Verdict.UNSIGNED, {Code.UNSIGNED})


def test_no_flipped_bit_of_the_signature_is_ever_valid(workshop: Workshop) -> None:
    signature = workshop.files[names.SIGNATURE]
    chance = random.Random(20260101)
    for _ in range(60):
        at = chance.randrange(len(signature))
        bad = (
            signature[:at] + bytes([signature[at] ^ 1 << chance.randrange(8)]) + signature[at + 1 :]
        )
        assert (
            workshop.verify(workshop.packed({**workshop.files, names.SIGNATURE: bad})).verdict
            is not Verdict.VALID
        )


def test_no_flipped_bit_of_what_is_signed_is_ever_valid(workshop: Workshop) -> None:
    data, chance = workshop.packet.data, random.Random(20260102)
    read = 0
    for _ in range(40):
        at = chance.randrange(len(data))
        flipped = data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
        try:  # the CRC of every file, or the directory, tells
            report = workshop.verify(flipped)
        except Unreadable:
            continue
        # A bit of the container itself that says nothing of the files in it, as the time at which
        # one was packed.
        assert read_container(flipped) == workshop.files
        assert report.verdict is Verdict.VALID
        read += 1
    assert read < 4


def test_somebody_elses_signature_is_not_the_senders(
    workshop: Workshop, test_pki: RunningPki
) -> None:
    both = TrustRoots([*workshop.trust.anchors, *test_pki.trust.anchors])
    with test_pki.open_sealer() as stranger:
        report = workshop.verify(workshop.signed(workshop.files, stranger.signing_context), both)
    assert (report.verdict, codes(report)) == (Verdict.INVALID, {Code.SIGNED_BY_OTHER})
    assert report.signature is not None
    assert report.signature.verdict is Verdict.VALID


# --- by the sender itself: the acts and the ledger contradict it
# ----------------------------------------------------


def test_signing_again_alone_changes_nothing(workshop: Workshop) -> None:
    assert workshop.verify(workshop.signed(workshop.files)).verdict is Verdict.VALID


def test_a_document_that_was_never_archived(workshop: Workshop) -> None:
    other = workshop.home.vault.list("99001/documents/")
    stranger = next(
        stored
        for stored in other
        if stored.key.split("/")[2] not in workshop.packet.data.decode("latin-1")
    )
    foreign = workshop.home.vault.read(stranger.key, stranger.version)
    report = workshop.verify(workshop.signed({**workshop.files, workshop.documents[0]: foreign}))
    assert report.verdict is Verdict.INVALID
    assert (report.documents[0].verdict, report.documents[0].in_ledger) == (Verdict.INVALID, False)
    assert report.documents[1].verdict is Verdict.VALID


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", {"vi": "Giấy ra viện", "en": "Discharge paper"}),
        ("sealed_at", "2020-01-01T00:00:00.000Z"),
        ("level", "PAdES-B-B"),
        ("sha256", "0" * 64),
        ("size", 1),
        ("document_id", "01a205ad-0000-7000-8000-000000000000"),
        ("superseded_by", "01a205ad-0000-7000-8000-000000000000"),
    ],
)
def test_the_manifest_says_of_a_document_what_its_act_says(
    workshop: Workshop, field: str, value: object
) -> None:
    documents = [document.model_dump(mode="json") for document in workshop.manifest.documents]
    documents[0][field] = value
    report = workshop.verify(workshop.stating(documents=documents))
    assert report.verdict is Verdict.INVALID
    assert Code.DOCUMENT in codes(report)
    assert not report.documents[0].in_ledger


def test_the_manifest_names_the_act_that_brought_a_document(workshop: Workshop) -> None:
    documents = [document.model_dump(mode="json") for document in workshop.manifest.documents]
    report = workshop.verify(
        workshop.stating(documents=[{**documents[0], "act": 77}, documents[1]])
    )
    assert Code.ACT_MISSING in codes(report)
    report = workshop.verify(workshop.stating(documents=[{**documents[0], "act": 2}, documents[1]]))
    assert Code.DOCUMENT in codes(report)


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: {"patient": {**manifest["patient"], "name": "Người Khác"}},
        lambda manifest: {"chart": {**manifest["chart"], "episode": "LK999999"}},
        lambda manifest: {"chart": {**manifest["chart"], "archive_number": None}},
        lambda manifest: {"chart": {**manifest["chart"], "archive_number": "2026-000099"}},
        lambda manifest: {
            "chart": {**manifest["chart"], "id": "01a205ad-0000-7000-8000-000000000000"}
        },
    ],
)
def test_patient_and_chart_are_as_the_acts_have_them(
    workshop: Workshop, change: Callable[[Files], Files]
) -> None:
    report = workshop.verify(
        workshop.stating(**change(workshop.manifest.model_dump(mode="json", by_alias=True)))
    )
    assert report.verdict is Verdict.INVALID
    assert codes(report) & {Code.CHART, Code.ACT_SURPLUS}


@pytest.mark.parametrize(
    "change",
    [
        {"from": {"code": "99001", "name": "Bệnh viện Khác"}},
        {"from": {"code": "99002", "name": "Bệnh viện Đa khoa Thử Nghiệm"}},
        {"ledger": {"origin": "kho/99001/other", "key": "x"}},
    ],
)
def test_sender_and_ledger_are_as_act_0_states_them(workshop: Workshop, change: Files) -> None:
    report = workshop.verify(workshop.stating(**change))
    assert report.verdict is Verdict.INVALID
    assert Code.FACILITY in codes(report)
    assert not any(part.in_ledger for part in report.documents)


def test_an_altered_act_is_not_in_the_ledger(workshop: Workshop) -> None:
    act = json.loads(workshop.files[ACT])
    act["actor"]["name"] = "Người Khác"
    canonical = json.dumps(act, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    report = workshop.verify(workshop.signed({**workshop.files, ACT: canonical}))
    assert (report.verdict, codes(report)) == (Verdict.INVALID, {Code.PROOF})
    assert [part.in_ledger for part in report.documents] == [False, True]


def test_an_act_that_is_not_canonical_is_refused(workshop: Workshop) -> None:
    report = workshop.verify(workshop.signed({**workshop.files, ACT: workshop.files[ACT] + b"\n"}))
    assert Code.ACT in codes(report)
    assert report.verdict is Verdict.INVALID


def test_a_proof_of_another_act_proves_nothing(workshop: Workshop) -> None:
    files = workshop.files
    report = workshop.verify(workshop.signed({**files, PROOF: files[names.proof_name(2)]}))
    assert (report.verdict, codes(report)) == (Verdict.INVALID, {Code.PROOF})


def test_another_ledger_is_not_the_senders(workshop: Workshop) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    origin = workshop.manifest.ledger.origin
    own = CheckpointSigner(origin, Ed25519PrivateKey.generate())
    proof = workshop.files[PROOF].decode()
    head, _, _ = proof.partition("\n\n")
    forged = head + "\n\n" + own.sign(TreeHead(origin, 5, bytes(32))).decode()
    report = workshop.verify(workshop.signed({**workshop.files, PROOF: forged.encode()}))
    assert (report.verdict, codes(report)) == (Verdict.INVALID, {Code.PROOF})


def test_an_act_about_another_chart_does_not_belong(workshop: Workshop) -> None:
    home = workshop.home
    evidence = dict(workshop.files)
    stored = next(
        stored_act
        for stored_act in home.vault.list("99001/acts/")
        if names.act_name(int(stored_act.key.split("/")[2][:12])) not in evidence
    )
    index = int(stored.key.split("/")[2][:12])
    evidence[names.act_name(index)] = home.vault.read(stored.key, stored.version)
    report = workshop.verify(workshop.signed(evidence))
    assert report.verdict is Verdict.INVALID
    assert Code.ACT_SURPLUS in codes(report)


def test_a_manifest_that_is_not_canonical_is_refused(workshop: Workshop) -> None:
    files = workshop.files
    for bad in (
        files[names.MANIFEST] + b"\n",
        b"{}",
        b"[" * 100_000,
        files[names.MANIFEST].replace(b"packet/2", b"packet/1"),
        files[names.MANIFEST].replace(b"packet/2", b"packet/4"),
    ):
        report = workshop.verify(workshop.signed({**files, names.MANIFEST: bad}))
        assert report.verdict is Verdict.INVALID
        assert Code.MANIFEST in codes(report)


def test_every_finding_has_its_words() -> None:
    from api.sharing.findings import Finding, overall

    for code in Code:
        finding = Finding(code, "documents/001-x.pdf")
        assert finding.verdict is not Verdict.VALID
        assert finding.sentence.vi != finding.sentence.en
    for verdict in Verdict:
        assert overall(verdict).vi
