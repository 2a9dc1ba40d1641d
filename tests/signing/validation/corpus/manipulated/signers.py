"""Signers that must not sign, and CMS values that must not be: expired, revoked, forged."""

from collections.abc import Callable, Iterator

from asn1crypto import cms
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from signing import revisions
from tests.signing.validation.corpus.bases import base
from tests.signing.validation.corpus.manipulated.victims import Victims, manipulated
from tests.signing.validation.corpus.places import signed_data, values, with_value
from tests.signing.validation.corpus.specimen import Specimen
from tests.signing.validation.corpus.workshop import Workshop

_SET = 0x31


def specimens(victims: Victims) -> Iterator[Specimen]:
    """Yield every file of a signer, or with a CMS, that must not pass."""
    yield from _bad_signers(victims.workshop)
    yield from _bad_values(victims)


def _bad_signers(workshop: Workshop) -> Iterator[Specimen]:
    pyhanko = workshop.pyhanko
    for signer, why in (
        ("seal-expired", "an expired certificate"),
        ("seal-revoked", "a revoked certificate"),
        ("stranger", "an unknown certificate"),
    ):
        for kind, level in (("classic", "B-B"), ("objstm", "B-T")):
            attacked = pyhanko.sign(base(kind), signer, level)
            yield manipulated(f"{signer}-{level}", level, attacked, why)
        stored = _with_evidence(workshop, pyhanko.sign(base("classic"), signer, "B-T"), signer)
        yield manipulated(f"{signer}-B-LT", "B-LT", stored, f"{why}, with validation data")
        stamped = pyhanko.timestamp(stored)
        yield manipulated(f"{signer}-B-LTA", "B-LTA", stamped, f"{why}, with an archive timestamp")


def _with_evidence(workshop: Workshop, pdf: bytes, signer: str) -> bytes:
    certificates = (workshop.pki.certificate(signer), *workshop.pki.authorities)
    draft = revisions.Draft(pdf)
    revisions.append_validation_data(
        draft,
        revisions.ValidationData(
            tuple(certificate.dump() for certificate in certificates),
            (),
            tuple(crl.dump() for crl in workshop.pki.crls),
        ),
    )
    return draft.getvalue()


def _bad_values(victims: Victims) -> Iterator[Specimen]:
    victim = "pyhanko-B-B"
    key = _private_key(victims.workshop, "seal")
    changes: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
        "reversed": (lambda items: items[::-1], "signed attributes not in DER order"),
        "rotated": (lambda items: [*items[1:], items[0]], "signed attributes not in DER order"),
    }
    for name, (change, note) in changes.items():
        for sorted_again in (False, True):
            attacked = _resigned(victims[victim], key, change, sorted_again=sorted_again)
            over = "sorted" if sorted_again else "stored"
            yield victims.attacked(victim, f"{name}-{over}", attacked, f"{note}, signed as {over}")
    for name, kept in (
        ("no-digest", "message_digest"),
        ("no-type", "content_type"),
        ("no-certificate", "signing_certificate_v2"),
    ):
        attacked = _without(victims[victim], key, kept)
        yield victims.attacked(victim, name, attacked, f"no signed attribute {kept}")
    stranger = _private_key(victims.workshop, "stranger")
    attacked = _resigned(victims[victim], stranger, lambda items: items, sorted_again=False)
    yield victims.attacked(victim, "other-key", attacked, "signed with another key")


def _private_key(workshop: Workshop, signer: str) -> rsa.RSAPrivateKey:
    key, _, _ = pkcs12.load_key_and_certificates(workshop.pki.p12(signer).read_bytes(), b"test")
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def _resigned(
    pdf: bytes,
    key: rsa.RSAPrivateKey,
    change: Callable[[list[bytes]], list[bytes]],
    *,
    sorted_again: bool,
) -> bytes:
    """Return `pdf` whose first signature has its signed attributes changed in order, signed again
    over the bytes as stored, or over their DER form.
    """
    start, end = values(pdf)[0]
    whole = bytes.fromhex(pdf[start:end].decode())
    signer = cms.ContentInfo.load(whole)["content"]["signer_infos"][0]
    items = [item.dump() for item in signer["signed_attrs"]]
    old = b"".join(items)
    new = b"".join(change(items))
    over = b"".join(sorted(items)) if sorted_again else new
    signature = _sign(key, _set(over, whole, old))
    whole = whole.replace(old, new).replace(signer["signature"].native, signature)
    return with_value(pdf, whole)


def _set(content: bytes, whole: bytes, old: bytes) -> bytes:
    """Return the SET OF that holds `content`, with the length octets of the stored one."""
    at = whole.index(old)
    head = 2 if len(old) < 0x80 else 3 if len(old) < 0x100 else 4
    return bytes([_SET]) + whole[at - head + 1 : at] + content


def _without(pdf: bytes, key: rsa.RSAPrivateKey, name: str) -> bytes:
    """Return `pdf` whose first signature lacks the signed attribute `name`."""
    value = signed_data(pdf)
    signer = value["signer_infos"][0]
    left = cms.CMSAttributes(
        [item for item in signer["signed_attrs"] if item["type"].native != name]
    )
    signer["signed_attrs"] = left
    signer["signature"] = _sign(key, left.untag().dump(force=True))
    info = cms.ContentInfo({"content_type": "signed_data", "content": value})
    return with_value(pdf, info.dump(force=True))


def _sign(key: rsa.RSAPrivateKey, data: bytes) -> bytes:
    signature: bytes = key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    return signature
