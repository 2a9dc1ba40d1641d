"""Whether the seal is followed by the archival revision that Kho itself writes: checked by writing
it again.

pyHanko's rules about later revisions read the whole document and follow every path through it,
which takes more than half of a validation. A revision that comes out of Kho's own writer, byte for
byte, needs no rules: it adds a security store and a document timestamp, and nothing else. A
revision that this file cannot confirm is left to those rules.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from archive.base.errors import Unreadable
from signing.revisions import ContainerTooSmall, Draft, ValidationData, begin_timestamp
from signing.validation.facts import SignatureKind
from signing.validation.pdf.signatures import Signature

_STORES = ("/Certs", "/OCSPs", "/CRLs")


def is_our_archival_revision(
    pdf: bytes,
    reader: PdfFileReader,
    signatures: Sequence[Signature],
    references: Mapping[int, int] | None,
) -> bool:
    """Tell whether `pdf` is one seal, and then exactly the revision that archives it; False says
    nothing.

    `references` are those of :func:`signing.validation.pdf.content.read_content`.
    """
    if references is None or [signature.kind for signature in signatures] != [
        SignatureKind.SEAL,
        SignatureKind.DOCUMENT_TIMESTAMP,
    ]:
        return False
    seal, stamp = signatures
    last = reader.xrefs.total_revisions - 1
    if (seal.revision, stamp.revision) != (last - 1, last):
        return False
    value = stamp.value.contents
    again = Draft(pdf[: seal.value.end])
    try:
        if not _is_separate(reader, stamp, references):
            return False
        begin_timestamp(again, _store(reader), stamp.embedded.field_name, len(value)).complete(
            value
        )
    except (
        PdfError,
        Unreadable,
        ContainerTooSmall,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
    ):
        # What pyHanko raises on files that are not as they should be.
        return False
    return again.getbuffer() == pdf


def _store(reader: PdfFileReader) -> ValidationData:
    store = reader.root["/DSS"]
    contents = ([stream.get_object().data for stream in store.get(name, ())] for name in _STORES)
    certificates, ocsps, crls = map(tuple, contents)
    return ValidationData(certificates, ocsps, crls)


def _is_separate(reader: PdfFileReader, stamp: Signature, references: Mapping[int, int]) -> bool:
    """Tell whether no object from before the last revision makes other use of the objects that the
    revision writes.

    A sealed document may refer to objects that do not exist yet, or use its catalogue for another
    purpose too: then the same bytes would change what it shows (the "shadow" attacks). So only the
    revision's own objects may refer to its new objects, and not where they did so before. Of the
    old objects that it rewrites, only the trailer may refer to the catalogue, and only the
    catalogue to the form. Any object may refer to the page of the timestamp's field: the page gains
    an invisible field, and nothing else.
    """
    last = reader.xrefs.total_revisions - 1
    newest, before = reader.get_historical_resolver(last), reader.get_historical_resolver(last - 1)
    if reader.xrefs.hybrid_xrefs_present or newest.refs_freed_in_revision():
        return False
    written = {ref.idnum: ref for ref in newest.explicit_refs_in_revision()}
    old = {
        n: ref
        for n, ref in written.items()
        if reader.xrefs.get_historical_ref(ref, last - 1) is not None
    }
    earlier = {number for ref in old.values() for number in _pointed_at(before.get_object(ref))}
    own = Counter(
        number for ref in written.values() for number in _pointed_at(newest.get_object(ref))
    )
    form, page = reader.root.raw_get("/AcroForm"), stamp.embedded.sig_field.raw_get("/P")
    # how often; the last word counts
    allowed = {page.idnum: None, form.idnum: 1, reader.root_ref.idnum: 0}
    return all(n in allowed and allowed[n] in (None, references.get(n, 0)) for n in old) and all(
        references.get(n, 0) == own[n] and n not in earlier for n in written.keys() - old.keys()
    )


def _pointed_at(thing: object) -> list[int]:
    if isinstance(thing, generic.IndirectObject):
        return [thing.idnum]
    if isinstance(thing, generic.DictionaryObject):
        return [number for name in thing for number in _pointed_at(thing.raw_get(name))]
    if isinstance(thing, generic.ArrayObject):
        return [number for item in range(len(thing)) for number in _pointed_at(thing.raw_get(item))]
    return []
