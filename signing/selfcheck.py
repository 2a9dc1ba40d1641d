"""Reading a fresh seal back, by other means than wrote it: nothing leaves Kho that does not prove
itself.

This is no validation (`signing/validation` is); it asks whether the bytes are what `seal` meant to
write.
"""

import hashlib
import re
from dataclasses import dataclass

from asn1crypto import cms, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from signing.baseline import BaselineLevel
from signing.errors import SealRefused
from signing.timestamps import check_token_signature, token_info

_BYTE_RANGE = re.compile(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]")
_CONTENTS = re.compile(rb"<([0-9A-F]+)>\Z")
_END = b"%%EOF\n"


@dataclass(frozen=True, slots=True)
class _Container:
    """One signature dictionary as found: the CMS, the digest of what it covers, and where that
    ends.
    """

    content: cms.ContentInfo
    digest: bytes
    end: int


def check_seal(
    pdf: bytes, sealed: bytes, certificate: x509.Certificate, level: BaselineLevel
) -> None:
    """Raise :class:`signing.errors.SealRefused` unless `sealed` is `pdf` with a seal of `level` by
    `certificate`.

    Checked: the sealed file begins with the unchanged input; it has exactly the containers of the
    level; each container covers its revision except its own contents; upper-case hex, DER that ends
    where it says, then zeros; signature, message digest and imprints fit; validation data where the
    level has it.
    """
    try:
        _check(pdf, sealed, certificate, level)
    # asn1crypto raises any of these
    except (ValueError, TypeError, KeyError, IndexError, InvalidSignature) as error:
        raise SealRefused(
            why_vi="kết quả ký không đạt khi kiểm tra lại",
            why_en="the sealed file did not pass Kho's own check",
        ) from error


def _check(pdf: bytes, sealed: bytes, certificate: x509.Certificate, level: BaselineLevel) -> None:
    _require(sealed.startswith(pdf), "the input was changed")
    containers = [_container(sealed, match) for match in _BYTE_RANGE.finditer(sealed, len(pdf))]
    _require(len(containers) == (2 if level is BaselineLevel.B_LTA else 1), "number of signatures")
    signature = containers[0]
    _check_signature(signature, certificate, level)
    _require((b"/DSS" in sealed[signature.end :]) == level.long_term, "validation data")
    if level is BaselineLevel.B_LTA:
        _check_token(containers[1].content, containers[1].digest)
    _require(
        level is BaselineLevel.B_LT or containers[-1].end == len(sealed),
        "the last signature covers the file",
    )


def _container(sealed: bytes, byte_range: re.Match[bytes]) -> _Container:
    first, resume, second = (int(number) for number in byte_range.groups())
    end = resume + second
    _require(sealed[:end].endswith(_END), "a signature covers its revision to the end")
    contents = _CONTENTS.match(sealed[first:resume])
    if contents is None:
        raise ValueError("contents in hexadecimal of one case")
    data = bytes.fromhex(contents[1].decode("ascii"))
    content = cms.ContentInfo.load(data)
    size = len(content.dump())
    _require(not any(data[size:]), "zeros after the signature")
    covered = hashlib.sha256(memoryview(sealed)[:first])
    covered.update(memoryview(sealed)[resume:end])
    return _Container(content, covered.digest(), end)


def _check_signature(
    container: _Container, certificate: x509.Certificate, level: BaselineLevel
) -> None:
    (signer,) = container.content["content"]["signer_infos"]
    attributes = {
        attribute["type"].native: attribute["values"] for attribute in signer["signed_attrs"]
    }
    _require(attributes["message_digest"][0].native == container.digest, "message digest")
    _require("signing_time" not in attributes, "no signing-time in PAdES")
    key = load_der_public_key(certificate.public_key.dump())
    assert isinstance(key, rsa.RSAPublicKey)
    value = signer["signature"].native
    key.verify(value, signer["signed_attrs"].untag().dump(), padding.PKCS1v15(), SHA256())
    tokens = [attribute["values"] for attribute in signer["unsigned_attrs"] or ()]
    _require(len(tokens) == int(level.timestamped), "signature timestamp")
    for token in tokens:
        _check_token(token[0], hashlib.sha256(value).digest())


def _check_token(token: cms.ContentInfo, imprint: bytes) -> None:
    check_token_signature(token)
    _require(token_info(token)["message_imprint"]["hashed_message"].native == imprint, "timestamp")


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise ValueError(what)
