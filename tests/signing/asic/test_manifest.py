"""The signed list of files is read as it is written, and in no other way."""

import base64

import pytest

from archive.base.identifiers import sha256
from signing.asic.manifest import read_asic_manifest, write_asic_manifest

TYPES = {".json": "application/json", ".pdf": "application/pdf", ".txt": "text/plain"}
FILES = [
    ("manifest.json", b"{}"),
    ("documents/001-x.pdf", b"%PDF"),
    ("evidence/proofs/0.txt", b"c2sp"),
]


def written() -> bytes:
    return write_asic_manifest(FILES, lambda name: TYPES[name[name.rindex(".") :]])


GOOD = written()


def test_the_list_names_each_file_with_its_digest_in_order() -> None:
    assert list(read_asic_manifest(GOOD).items()) == [(name, sha256(data)) for name, data in FILES]


def test_the_list_is_what_asic_wants() -> None:
    text = GOOD.decode()
    assert '<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#"' in text
    assert (
        '<asic:SigReference URI="META-INF/signature001.p7s" '
        'MimeType="application/pkcs7-signature"/>' in text
    )
    assert '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>' in text
    assert written() == GOOD


BAD = {
    "not XML": b"<asic",
    "empty": b"",
    "another root": b"<a/>",
    "no signature": GOOD.replace(b"SigReference", b"Signature"),
    "another signature": GOOD.replace(b"signature001", b"signature002"),
    "another algorithm": GOOD.replace(b"xmlenc#sha256", b"xmlenc#sha512"),
    "sha1": GOOD.replace(
        b"http://www.w3.org/2001/04/xmlenc#sha256", b"http://www.w3.org/2000/09/xmldsig#sha1"
    ),
    "a short digest": GOOD.replace(base64.b64encode(bytes.fromhex(sha256(b"{}"))), b"AAAA"),
    "no base64": GOOD.replace(base64.b64encode(bytes.fromhex(sha256(b"{}"))), b"!" * 44),
    "a file twice": GOOD.replace(b"documents/001-x.pdf", b"manifest.json"),
    "another attribute": GOOD.replace(
        b"<asic:SigReference ", b'<asic:SigReference Rootfile="true" '
    ),
    "a comment": GOOD.replace(b"<asic:SigReference", b"<!-- hidden --><asic:SigReference"),
    "another namespace": GOOD.replace(b"uri.etsi.org/02918/v1.2.1#", b"example.org/#"),
    "one element more": GOOD.replace(
        b"</asic:ASiCManifest>", b"<asic:Extension/></asic:ASiCManifest>"
    ),
    "a document type": GOOD.replace(b"<asic:ASiCManifest", b"<!DOCTYPE a><asic:ASiCManifest", 1),
    "an entity": GOOD.replace(
        b"<asic:ASiCManifest",
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><asic:ASiCManifest',
        1,
    ),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_another_list_is_refused(data: bytes) -> None:
    assert data != GOOD
    with pytest.raises(ValueError, match=r"."):
        read_asic_manifest(data)
