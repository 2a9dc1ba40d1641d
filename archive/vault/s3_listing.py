"""ListObjectVersions (S3 API reference): the request page by page, and its XML read into versions.

The client's own `list_objects` reads only times that end in `Z` and fails on any other; SeaweedFS
writes them with the offset of its machine's time zone, in Viet Nam `+07:00`. So the request goes
out through the client, and the answer is read here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote_plus

from lxml import etree
from minio import Minio

from archive.base.clock import parse_iso
from archive.base.identifiers import ObjectKey

PAGE = 1000  # versions a request, S3's own limit
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listed:
    """One version as a listing gives it."""

    key: ObjectKey
    version: str
    size: int
    written: datetime
    is_latest: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its versions, and the markers of the next request (None for the last)."""

    versions: tuple[Listed, ...]
    following: tuple[str, str] | None


def list_versions(minio: Minio, bucket: str, prefix: str, page: int = PAGE) -> Iterator[Listed]:
    """Yield every version whose key starts with `prefix`, in order of keys, without delete markers.

    Raises the client's errors, and :class:`ValueError` for an answer that is no listing or runs in
    a circle.
    """
    query = {"versions": "", "prefix": prefix, "max-keys": str(page), "encoding-type": "url"}
    following: tuple[str, str] | None = ("", "")
    while following is not None:
        markers = (
            {"key-marker": following[0], "version-id-marker": following[1]} if following[0] else {}
        )
        answer = minio._execute("GET", bucket, query_params={**query, **markers})
        read = read_page(answer.data)
        yield from read.versions
        if read.following == following:
            raise ValueError("the listing does not go on")
        following = read.following


def read_page(data: bytes) -> Page:
    """Read one `ListVersionsResult`.

    Raises :class:`ValueError` for all else: other bytes never pass for an empty listing.
    """
    root = read_xml(data)
    is_cut = {"true": True, "false": False}.get(_text(root, "IsTruncated"))
    if (
        etree.QName(root).localname != "ListVersionsResult"
        or root.getroottree().docinfo.doctype
        or is_cut is None
    ):
        raise ValueError("not a listing")
    is_encoded = _text(root, "EncodingType") == "url"
    versions = tuple(_listed(element, is_encoded) for element in root.iterchildren("{*}Version"))
    if not is_cut:
        return Page(versions, None)
    return Page(
        versions,
        (_key(_text(root, "NextKeyMarker"), is_encoded), _text(root, "NextVersionIdMarker")),
    )


def read_xml(data: bytes) -> etree._Element:
    """Return the root of a store's answer; raises :class:`ValueError` for what is no XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as broken:
        raise ValueError("not XML") from broken


def _listed(element: etree._Element, is_encoded: bool) -> Listed:
    written = _text(element, "LastModified")
    return Listed(
        key=ObjectKey(_key(_text(element, "Key"), is_encoded)),
        version=_text(element, "VersionId"),
        size=int(_text(element, "Size")),
        written=parse_iso(written) if written else _LONG_AGO,
        is_latest=_text(element, "IsLatest") == "true",
    )


def _key(text: str, is_encoded: bool) -> str:
    # as S3 encodes: a blank is a plus sign, a plus sign is %2B
    return unquote_plus(text) if is_encoded else text


def _text(element: etree._Element, name: str) -> str:
    return element.findtext(f"{{*}}{name}") or ""
