"""The signed list of files and the proofs are read as they are written, and in no other way."""

import base64

import pytest

from api.sharing import names
from api.sharing.asic import read_asic_manifest, write_asic_manifest
from api.sharing.proof import parse_proof
from archive.base.identifiers import sha256
from tests.api.sharing.conftest import Workshop

FILES = [
    ("manifest.json", b"{}"),
    ("documents/001-x.pdf", b"%PDF"),
    ("evidence/proofs/0.tlog-proof", b"c2sp"),
]
GOOD = write_asic_manifest(FILES)


def test_the_list_names_each_file_with_its_digest_in_order() -> None:
    assert list(read_asic_manifest(GOOD).items()) == [(name, sha256(data)) for name, data in FILES]


def test_the_list_is_what_asic_wants() -> None:
    text = GOOD.decode()
    assert '<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#"' in text
    assert (
        '<asic:SigReference URI="META-INF/signature001.p7s" MimeType="application/pkcs7-signature"/>'
        in text
    )
    assert '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>' in text
    assert write_asic_manifest(FILES) == GOOD


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


def test_a_proof_is_c2sp_tlog_proof(workshop: Workshop) -> None:
    text = workshop.files[names.proof_name(1)].decode()
    lines = text.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1] == "index 1"
    proof = parse_proof(text.encode())
    assert proof.index == 1
    assert proof.checkpoint.decode().startswith(f"{workshop.manifest.ledger.origin}\n")
    assert (
        len(
            {
                parse_proof(d).checkpoint
                for n, d in workshop.files.items()
                if names.proof_index(n) is not None
            }
        )
        == 1
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tlog-proof@v1", "tlog-proof@v2"),
        ("index 1", "index 01"),
        ("index 1", "index -1"),
        ("index 1", "index ١"),
        ("index 1", "extra AA==\nindex 1"),
        ("index 1", "index 1\nAAAA"),
        ("index 1", "index 1\n!"),
        ("index 1", "index 1" + "\n" + "\n".join(["A" * 43 + "="] * 65)),
        ("index 1\n", "index 1\r\n"),
        ("\n\n", "\n"),
    ],
)
def test_another_proof_is_refused(workshop: Workshop, old: str, new: str) -> None:
    text = workshop.files[names.proof_name(1)].decode()
    assert old in text
    with pytest.raises(ValueError, match=r"."):
        parse_proof(text.replace(old, new).encode())


def test_names_tell_what_a_file_is() -> None:
    assert names.document_name(1, "36/BV2", "id") == "documents/001-36-BV2-id.pdf"
    assert names.document_name(12, "Giấy ../x", "id") == "documents/012-Gi-y-x-id.pdf"
    assert names.act_index(names.act_name(0)) == 0
    assert names.act_index(names.act_name(123)) == 123
    assert names.proof_index(names.proof_name(7)) == 7
    assert names.act_index("evidence/acts/1.json") is None
