"""CMS values as other programs leave them: more algorithms, certificates, CRLs and attributes."""

from collections.abc import Callable, Iterator

from asn1crypto import algos, cms, core

from tests.signing.validation.corpus.bases import base
from tests.signing.validation.corpus.places import signed_data, with_value
from tests.signing.validation.corpus.specimen import Specimen
from tests.signing.validation.corpus.workshop import Workshop

MAKER = "by hand"
_UNKNOWN = "1.3.6.1.4.1.99999.1"  # an attribute that no standard knows
_EVIDENCE = "1.2.840.113549.1.9.16.2.49"  # an evidence record inside (RFC 4998, appendix A)
Change = Callable[[cms.SignedData], None]


def specimens(workshop: Workshop) -> Iterator[Specimen]:
    """Yield signed files whose CMS has more in it than the signature needs."""
    for name, (change, note) in _changes(workshop).items():
        for maker, pdf in (
            ("pdfbox", workshop.pdfbox.sign(base("classic"), timestamps=1)),
            ("pyhanko", workshop.pyhanko.sign(base("objstm"), level="B-T")),
        ):
            value = signed_data(pdf)
            change(value)
            info = cms.ContentInfo({"content_type": "signed_data", "content": value})
            changed = with_value(pdf, info.dump(force=True), 0)
            level = "CMS" if maker == "pdfbox" else "B-T"
            yield Specimen(f"world-{name}-{maker}", MAKER, level, changed, note=note)


def _changes(workshop: Workshop) -> dict[str, tuple[Change, str]]:
    def add_crls(value: cms.SignedData) -> None:
        value["crls"] = cms.RevocationInfoChoices(
            [cms.RevocationInfoChoice("crl", crl) for crl in workshop.pki.crls]
        )

    def add_root(value: cms.SignedData) -> None:
        value["certificates"].append(workshop.pki.root)

    return {
        "algorithms": (_add_algorithm, "a digest algorithm that no signer uses"),
        "crls": (add_crls, "CRLs in the CMS"),
        "root": (add_root, "the root in the CMS"),
        "unknown": (_add_unknown, "an unsigned attribute that no standard knows"),
        "evidence": (_add_evidence, "an evidence record as an unsigned attribute"),
    }


def _add_algorithm(value: cms.SignedData) -> None:
    value["digest_algorithms"].append(algos.DigestAlgorithm({"algorithm": "sha512"}))


def _add_unknown(value: cms.SignedData) -> None:
    _add_attribute(value, _UNKNOWN, core.UTF8String("TEST"))


def _add_evidence(value: cms.SignedData) -> None:
    """Wrap the signature timestamp's token into a record of one archive timestamp."""
    (token,) = (
        item["values"][0]
        for item in value["signer_infos"][0]["unsigned_attrs"]
        if item["type"].native == "signature_time_stamp_token"
    )
    algorithm = algos.DigestAlgorithm({"algorithm": "sha256"})
    chain = _sequence(_sequence(token.dump()))
    record = _sequence(core.Integer(1).dump() + _sequence(algorithm.dump()) + _sequence(chain))
    _add_attribute(value, _EVIDENCE, core.Any.load(record))


def _add_attribute(value: cms.SignedData, kind: str, content: core.Asn1Value) -> None:
    attribute = cms.CMSAttribute({"type": kind, "values": [content]})
    value["signer_infos"][0]["unsigned_attrs"].append(attribute)


def _sequence(content: bytes) -> bytes:
    sequence: bytes = core.Sequence(contents=content).dump()
    return sequence
