"""pyHanko as its documentation shows it: every level, layout of validation data, and lock."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, PdfTimeStamper, fields
from pyhanko.sign.ades.api import CAdESSignedAttrSpec, GenericCommitment
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
    SigSeedValFlags,
    SigSeedValueSpec,
)
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.signers.pdf_signer import (
    DSSContentSettings,
    SigDSSPlacementPreference,
    TimestampDSSContentSettings,
)
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.requests_client import HTTPTimeStamper
from pyhanko.sign.validation.dss import async_add_validation_info
from pyhanko.stamp import STAMP_ART_CONTENT, TextStampStyle
from pyhanko_certvalidator import ValidationContext

from tests.signing.validation.corpus.bases import EMPTY_FIELD, KINDS, base
from tests.signing.validation.corpus.pki import PASSPHRASE, CorpusPki
from tests.signing.validation.corpus.specimen import Specimen

MAKER = "pyHanko 0.38"
LEVELS = {"B-B": {}, "B-T": {}, "B-LT": {"embed_validation_info": True}}
LEVELS["B-LTA"] = {"embed_validation_info": True, "use_pades_lta": True}
_NEXT, _WITH, _OWN = (
    SigDSSPlacementPreference.TOGETHER_WITH_NEXT_TS,
    SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE,
    SigDSSPlacementPreference.SEPARATE_REVISION,
)
_BOX = (60, 60, 260, 120)
# Layouts of the validation data of a B-LTA file: everything that DSSContentSettings can say.
LAYOUTS = {
    "no-vri": DSSContentSettings(include_vri=False),
    "with-signature": DSSContentSettings(include_vri=False, placement=_WITH),
    "own-revision": DSSContentSettings(placement=_OWN),
    "own-revision-no-vri": DSSContentSettings(include_vri=False, placement=_OWN),
    "rewritten": DSSContentSettings(placement=_OWN, skip_if_unneeded=False),
    "before-ts": DSSContentSettings(
        include_vri=False,
        placement=_NEXT,
        next_ts_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True),
    ),
}
LOCKS = {
    "lock-all": FieldMDPSpec(FieldMDPAction.ALL),
    "lock-include": FieldMDPSpec(FieldMDPAction.INCLUDE, ["doctor"]),
    "lock-exclude": FieldMDPSpec(FieldMDPAction.EXCLUDE, ["doctor"]),
}


class PyHanko:
    """pyHanko with the corpus's PKI."""

    def __init__(self, pki: CorpusPki) -> None:
        self._pki = pki
        self._signers: dict[tuple[str, bool], SimpleSigner] = {}

    def sign(
        self,
        pdf: bytes,
        signer: str = "seal",
        level: str = "B-LTA",
        *,
        pss: bool = False,
        tsa: str = "tsa",
        field: SigFieldSpec | None = None,
        style: Any = None,
        online: bool = False,
        **options: Any,
    ) -> bytes:
        """Return `pdf` signed at `level`; `options` are pyHanko's own (PdfSignatureMetadata)."""
        wanted = {
            "field_name": "Signature1",
            "subfilter": SigSeedSubFilter.PADES,
            "md_algorithm": "sha256",
        }
        metadata = PdfSignatureMetadata(**{**wanted, **LEVELS[level], **options})
        if metadata.embed_validation_info:
            metadata = replace(metadata, validation_context=self.context(online=online))
        worker = PdfSigner(
            metadata,
            self.signer(signer, pss=pss),
            timestamper=None if level == "B-B" else self.stamper(tsa),
            stamp_style=style,
            new_field_spec=field,
        )
        # A hybrid or linearised file is read as it is written.
        writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
        return _bytes(worker.sign_pdf(writer))

    def timestamp(self, pdf: bytes, tsa: str = "tsa", **options: Any) -> bytes:
        """Return `pdf` with a document timestamp."""
        stamper = PdfTimeStamper(self.stamper(tsa), **options)
        context = self.context()
        return _bytes(
            stamper.timestamp_pdf(
                IncrementalPdfFileWriter(BytesIO(pdf), strict=False),
                "sha256",
                validation_context=context,
            )
        )

    def renew(self, pdf: bytes, tsa: str = "tsa") -> bytes:
        """Return `pdf` with its chain of archive timestamps updated."""
        return _bytes(
            PdfTimeStamper(self.stamper(tsa)).update_archival_timestamp_chain(
                PdfFileReader(BytesIO(pdf), strict=False), self.context(), in_place=False
            )
        )

    def add_evidence(self, pdf: bytes, *, vri: bool = True) -> bytes:
        """Return `pdf` with validation data for its first signature."""
        embedded = PdfFileReader(BytesIO(pdf), strict=False).embedded_signatures[0]
        return _bytes(
            asyncio.run(async_add_validation_info(embedded, self.context(), add_vri_entry=vri))
        )

    def context(self, *, online: bool = False) -> ValidationContext:
        """Return what pyHanko validates by: the root, and CRLs; `online`: what it fetches."""
        return ValidationContext(
            trust_roots=[self._pki.root],
            other_certs=self._pki.authorities,
            crls=[] if online else self._pki.crls,
            allow_fetching=online,
            revocation_mode="require",
        )

    def stamper(self, tsa: str = "tsa") -> TimeStamper:
        """Return a client of `tsa`."""
        return HTTPTimeStamper(self._pki.tsa_url(tsa))

    def signer(self, label: str, *, pss: bool = False) -> SimpleSigner:
        """Return what signs with the key that `pki.yaml` calls `label`."""
        if (label, pss) not in self._signers:
            data = self._pki.p12(label).read_bytes()
            self._signers[label, pss] = SimpleSigner.load_pkcs12_data(
                data, [], PASSPHRASE.encode(), signature_mechanism=None
            )
            self._signers[label, pss].prefer_pss = pss
        return self._signers[label, pss]


def specimens(maker: PyHanko) -> Iterator[Specimen]:
    """Yield every file that pyHanko makes by itself."""
    yield from _levels(maker)
    yield from _layouts(maker)
    yield from _options(maker)
    yield from _fields(maker)
    yield from _later(maker)


def _specimen(name: str, level: str, pdf: bytes, note: str = "") -> Specimen:
    return Specimen(f"pyhanko-{name}", MAKER, level, pdf, note=note)


def _levels(maker: PyHanko) -> Iterator[Specimen]:
    for kind in KINDS:
        for level in LEVELS:
            yield _specimen(f"{kind}-{level}", level, maker.sign(base(kind), level=level))


def _layouts(maker: PyHanko) -> Iterator[Specimen]:
    for (name, settings), kind in zip(LAYOUTS.items(), KINDS, strict=True):
        signed = maker.sign(base(kind), dss_settings=settings)
        yield _specimen(f"dss-{name}", "B-LTA", signed, f"validation data: {name}")


def _options(maker: PyHanko) -> Iterator[Specimen]:
    adobe = SigSeedSubFilter.ADOBE_PKCS7_DETACHED
    words = {"reason": "TEST approval", "location": "TEST ward", "name": "TEST doctor"}
    commitment = GenericCommitment.PROOF_OF_APPROVAL.asn1
    rows: list[tuple[str, str, str, dict[str, Any]]] = [
        ("ec", "objstm", "P-256 signer", {"signer": "seal-ec"}),
        ("tsa-ec", "classic", "P-256 TSA", {"tsa": "tsa-ec"}),
        ("ec-ec", "linear", "P-256 signer and TSA", {"signer": "seal-ec", "tsa": "tsa-ec"}),
        ("sub", "rich", "below a subordinate CA", {"signer": "seal-sub"}),
        ("pss", "classic", "RSASSA-PSS", {"pss": True}),
        ("sha512", "form", "SHA-512", {"md_algorithm": "sha512"}),
        ("sha384", "classic", "SHA-384, P-256", {"md_algorithm": "sha384", "signer": "seal-ec"}),
        ("ocsp", "pdfa", "OCSP and CRL as fetched", {"online": True}),
        ("words", "classic", "reason, place, name", words),
        ("own-names", "rich", "a named timestamp field", {"timestamp_field_name": "Archive.1"}),
        (
            "commitment",
            "objstm",
            "commitment type and content timestamp",
            {"cades_signed_attr_spec": CAdESSignedAttrSpec(commitment, timestamp_content=True)},
        ),
    ]
    for name, kind, note, options in rows:
        yield _specimen(name, "B-LTA", maker.sign(base(kind), **options), note)
    signed = maker.sign(base("classic"), level="B-B", tight_size_estimates=True)
    yield _specimen("tight", "B-B", signed, "no spare room for the signature")
    for kind in ("classic", "objstm", "form"):
        signed = maker.sign(base(kind), level="B-B", subfilter=adobe)
        yield _specimen(f"{kind}-adobe", "CMS", signed, "adbe.pkcs7.detached")
    signed = maker.sign(base("rich"), level="B-LT", subfilter=adobe)
    yield _specimen("adobe-revocation", "CMS", signed, "adbe.pkcs7.detached with its own evidence")
    for number, permission in enumerate(MDPPerm, 1):
        for kind, level in (("classic", "B-LTA"), ("form", "B-LT")):
            options = {"certify": True, "docmdp_permissions": permission}
            signed = maker.sign(base(kind), level=level, **options)
            note = f"certified, DocMDP P={number}"
            yield _specimen(f"{kind}-certified-{number}", level, signed, note)


def _fields(maker: PyHanko) -> Iterator[Specimen]:
    box = SigFieldSpec("Signature1", box=_BOX)
    text = TextStampStyle(stamp_text="TEST %(signer)s\n%(ts)s")
    drawn = TextStampStyle(stamp_text="TEST", background=STAMP_ART_CONTENT, border_width=0)
    signed = maker.sign(base("classic"), field=box, style=text)
    yield _specimen("visible", "B-LTA", signed, "visible, text")
    signed = maker.sign(base("rich"), level="B-B", field=box, style=drawn)
    yield _specimen("visible-drawn", "B-B", signed, "visible, a drawing behind the text")
    signed = maker.sign(base("form"), field_name=EMPTY_FIELD)
    yield _specimen("existing-field", "B-LTA", signed, "in the form's own signature field")
    seed = SigSeedValueSpec(
        flags=SigSeedValFlags.SUBFILTER | SigSeedValFlags.DIGEST_METHOD,
        subfilters=[SigSeedSubFilter.PADES],
        digest_methods=["sha256"],
        reasons=["TEST approval"],
    )
    asked = _with_field(base("classic"), SigFieldSpec("Asked", seed_value_dict=seed))
    signed = maker.sign(asked, field_name="Asked", reason="TEST approval")
    yield _specimen("seed-values", "B-LTA", signed, "a field with seed values")
    for name, lock in LOCKS.items():
        spec = SigFieldSpec("Locked", field_mdp_spec=lock, doc_mdp_update_value=MDPPerm.FILL_FORMS)
        signed = maker.sign(_with_field(base("form"), spec), field_name="Locked")
        yield _specimen(name, "B-LTA", signed, f"the field's /Lock: {lock.action.value}")
    signed = maker.sign(base("objstm"), field_name="Ward.Doctor", field=SigFieldSpec("Ward.Doctor"))
    yield _specimen("dotted-field", "B-LTA", signed, "a field below another field")


def _later(maker: PyHanko) -> Iterator[Specimen]:
    for kind in ("classic", "objstm", "form"):
        first = maker.sign(base(kind))
        second = maker.sign(first, "seal-ec", field_name="Signature2", level="B-B")
        yield _specimen(f"{kind}-countersigned", "B-B", second, "B-LTA, countersigned B-B")
        third = maker.sign(second, "seal-sub", field_name="Signature3", tsa="tsa-ec")
        yield _specimen(f"{kind}-three", "B-LTA", third, "three signatures, the last B-LTA")
    certified = maker.sign(
        base("rich"), level="B-LT", certify=True, docmdp_permissions=MDPPerm.FILL_FORMS
    )
    signed = maker.sign(certified, "seal-ec", field_name="Approval")
    yield _specimen("certified-then-signed", "B-LTA", signed, "certified, then approved")
    for kind in ("classic", "linear"):
        short = maker.sign(base(kind), level="B-T")
        for vri in (True, False):
            signed = maker.add_evidence(short, vri=vri)
            name = f"{kind}-evidence-later" + ("" if vri else "-no-vri")
            yield _specimen(name, "B-LT", signed, "B-T, validation data added later")
            name += "-stamped"
            note = "B-T, validation data and then a document timestamp later"
            yield _specimen(name, "B-LTA", maker.timestamp(signed, tsa="tsa-ec"), note)
    for kind in ("classic", "objstm", "pdfa"):
        once = maker.renew(maker.sign(base(kind)), "tsa-ec")
        yield _specimen(f"{kind}-renewed", "B-LTA", once, "archive timestamps renewed")
        twice = maker.renew(once)
        yield _specimen(f"{kind}-renewed-twice", "B-LTA", twice, "archive timestamps renewed twice")
    stamped = maker.timestamp(base("classic"))
    yield _specimen("timestamp-only", "none", stamped, "a document timestamp and no signature")
    signed = maker.sign(stamped, level="B-LT")
    yield _specimen("timestamp-first", "B-LT", signed, "a document timestamp before the signature")


def _with_field(pdf: bytes, spec: SigFieldSpec) -> bytes:
    """Return `pdf` with an empty signature field, in an update of its own."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    fields.append_signature_field(writer, spec)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _bytes(out: Any) -> bytes:
    return bytes(out.getbuffer())
