"""`ASiCManifest001.xml` (ETSI EN 319 162-1, annex A.4): the files that the signature covers, with
digests.
"""

import base64
import binascii
from collections.abc import Callable, Iterable

from lxml import etree

from archive.base.identifiers import Sha256, sha256
from signing.asic.names import SIGNATURE

ASIC = "http://uri.etsi.org/02918/v1.2.1#"
XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"
SHA256_URI = "http://www.w3.org/2001/04/xmlenc#sha256"
SIGNATURE_TYPE = "application/pkcs7-signature"
MAX_BYTES = 8 << 20


def write_asic_manifest(
    files: Iterable[tuple[str, bytes]], media_type: Callable[[str], str]
) -> bytes:
    """Return the XML that names each of `files`, in their order, with its SHA-256.

    It has one line an element and no white space with two meanings. `media_type` returns that of a
    file, by its name.
    """
    root = etree.Element(f"{{{ASIC}}}ASiCManifest", nsmap={"asic": ASIC, "ds": XMLDSIG})
    etree.SubElement(root, f"{{{ASIC}}}SigReference", URI=SIGNATURE, MimeType=SIGNATURE_TYPE)
    for name, data in files:
        reference = etree.SubElement(
            root, f"{{{ASIC}}}DataObjectReference", URI=name, MimeType=media_type(name)
        )
        etree.SubElement(reference, f"{{{XMLDSIG}}}DigestMethod", Algorithm=SHA256_URI)
        value = etree.SubElement(reference, f"{{{XMLDSIG}}}DigestValue")
        value.text = base64.b64encode(bytes.fromhex(sha256(data))).decode("ascii")
    etree.indent(root, space="  ")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8")) + b"\n"


def read_asic_manifest(data: bytes) -> dict[str, Sha256]:
    """Return the files that the XML names, in its order, each with its SHA-256.

    Raises :class:`ValueError` for anything that :func:`write_asic_manifest` does not write: another
    signature, another digest algorithm, a name twice, a document type, comments, further elements
    or attributes.
    """
    if len(data) > MAX_BYTES:
        raise ValueError("too large")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_blank_text=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError("not well-formed XML") from error
    if root.getroottree().docinfo.doctype or _shape(root) != ("ASiCManifest", {}) or not len(root):
        raise ValueError("not an ASiC manifest")
    signature, *references = root
    if _shape(signature) != ("SigReference", {"URI": SIGNATURE, "MimeType": SIGNATURE_TYPE}) or len(
        signature
    ):
        raise ValueError("it names another signature")
    digests = dict(_reference(each) for each in references)
    if len(digests) != len(references):
        raise ValueError("it names a file twice")
    return digests


def _reference(element: etree._Element) -> tuple[str, Sha256]:
    name = str(element.get("URI"))
    expected = ("DataObjectReference", {"URI": name, "MimeType": str(element.get("MimeType"))})
    if _shape(element) != expected or [_shape(child) for child in element] != [
        ("DigestMethod", {"Algorithm": SHA256_URI}),
        ("DigestValue", {}),
    ]:
        raise ValueError("a reference is not written as it must be")
    try:
        digest = base64.b64decode(str(element[1].text), validate=True)
    except binascii.Error as error:
        raise ValueError("a digest is not base64") from error
    if len(digest) != 32:
        raise ValueError("a digest is not a SHA-256")
    return name, Sha256(digest.hex())


def _shape(element: etree._Element) -> tuple[str, dict[str, str]]:
    """Return an element's name within its own namespace, and its attributes;
    a comment has neither.
    """
    if not isinstance(element.tag, str):
        return "", {}
    tag = etree.QName(element)
    home = XMLDSIG if tag.localname.startswith("Digest") else ASIC
    return (tag.localname if tag.namespace == home else ""), {
        str(k): str(v) for k, v in element.attrib.items()
    }
