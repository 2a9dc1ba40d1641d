"""From bytes to facts: what is in the PDF, what is wrong with its structure, and what its
signatures are worth when.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from itertools import pairwise

from pyhanko.pdf_utils.reader import PdfFileReader

from archive.base.errors import Unreadable
from signing.quick_hex import quicken
from signing.trust import TrustRoots
from signing.validation.certificates.evidence import ChainEvidence, read_evidence
from signing.validation.cms_value.framing import is_framed, is_vouched_for
from signing.validation.facts import DocumentFacts, Flaw, SignatureKind
from signing.validation.moments import CLOCK_TOLERANCE, Moments
from signing.validation.pdf import structure
from signing.validation.pdf.claims import pdfa_claims
from signing.validation.pdf.content import read_content
from signing.validation.pdf.own_revision import is_our_archival_revision
from signing.validation.pdf.revisions import Added, added_since
from signing.validation.pdf.signatures import Signature, field_flaws, read_signatures

quicken()
# Each object is looked up through all updates, and each update is compared with the one before it:
# the work is their product. A paper that is renewed each year for a century has some 200.
MOST_UPDATES = 500
_ADDED = {
    Added.ARCHIVAL: set[Flaw](),
    Added.METADATA: {Flaw.METADATA},
    Added.CONTENT: {Flaw.MODIFIED},
}


def collect(pdf: bytes, trust: TrustRoots, at: datetime) -> DocumentFacts:
    """Return what is found in `pdf`, judged against nothing but `trust`, for the moment `at`
    (aware).

    Reads neither network nor disk. Raises :class:`archive.base.errors.Unreadable` where the bytes
    are no PDF, and where they are one with a signature value and more than :data:`MOST_UPDATES`
    updates.
    """
    if b"%PDF-" not in pdf[:1024]:
        raise Unreadable(why_vi="không phải tệp PDF", why_en="it is not a PDF file")
    try:
        reader = PdfFileReader(BytesIO(pdf), strict=True)
    except Exception as error:
        raise Unreadable(
            why_vi="cấu trúc PDF bị hỏng", why_en="its PDF structure is broken"
        ) from error
    if b"/ByteRange" in pdf and reader.xrefs.total_revisions > MOST_UPDATES + 1:
        raise Unreadable(
            why_vi=f"tệp có hơn {MOST_UPDATES} lần cập nhật",
            why_en=f"it has more than {MOST_UPDATES} updates",
        )
    try:
        return asyncio.run(_collect(pdf, reader, trust, at))
    except MemoryError:
        raise  # says nothing about the file; see isolated.py
    except Exception:  # noqa: BLE001 - as above; what cannot be followed to its end is never valid (fail closed)
        return DocumentFacts(at, flaws=frozenset({Flaw.UNPARSABLE}))


async def _collect(
    pdf: bytes, reader: PdfFileReader, trust: TrustRoots, at: datetime
) -> DocumentFacts:
    mentioned = pdf.count(b"/ByteRange")
    if reader.encrypted:
        return DocumentFacts(at, flaws=frozenset({Flaw.ENCRYPTED} if mentioned else ()))
    last_revision = reader.xrefs.total_revisions - 1
    content = read_content(pdf)
    pdfa = pdfa_claims(content.xmp)
    signatures = read_signatures(reader)
    seals = [signature.revision for signature in signatures if signature.kind is SignatureKind.SEAL]
    stamps = [
        signature.revision
        for signature in signatures
        if signature.kind is SignatureKind.DOCUMENT_TIMESTAMP
    ]
    flaws = set(field_flaws(reader, signatures))
    if not seals and mentioned > len(stamps):
        flaws.add(Flaw.HIDDEN_SIGNATURE)
    if not signatures:
        return DocumentFacts(at, flaws=frozenset(flaws), pdfa=pdfa)

    flaws |= (
        structure.inspect(pdf, [signature.value for signature in signatures], last_revision)
        | content.flaws
    )
    if reader.xrefs.hybrid_xrefs_present:
        flaws.add(Flaw.HYBRID_XREF)
    if flaws & {Flaw.BYTE_RANGE, Flaw.UNKNOWN_SIGNATURE}:
        return DocumentFacts(at, flaws=frozenset(flaws), pdfa=pdfa)  # nothing more can be measured
    if not is_our_archival_revision(pdf, reader, signatures, content.references):
        flaws |= _ADDED[added_since(reader, seals, stamps)]
    if stamps and stamps[-1] != last_revision:
        flaws.add(Flaw.UNCOVERED)
    needed = {
        last_revision,
        *(signature.revision - before for signature in signatures for before in (0, 1)),
    }
    stores = {revision: read_evidence(reader, revision) for revision in needed if revision >= 0}
    flaws.update(_last_value_flaws(signatures, stores[last_revision], trust))
    moments = Moments(signatures, stores, trust, at)
    facts = [await moments.facts(signature) for signature in signatures]
    return DocumentFacts(at, tuple(facts), frozenset(flaws), _in_order(signatures, at), pdfa)


def _last_value_flaws(
    signatures: Sequence[Signature], store: ChainEvidence, trust: TrustRoots
) -> Iterable[Flaw]:
    """Nothing covers the last value of a file but its own mathematics."""
    last = signatures[-1].token
    others = [token for signature in signatures[:-1] for token in signature.tokens]
    if not is_framed(last, others):
        yield Flaw.CMS_FRAMING
    brought = [certificate for token in others for certificate in token.certificates]
    if not is_vouched_for(last, [*store.certificates, *trust.anchors, *brought]):
        yield Flaw.UNVOUCHED_CERTIFICATE


def _in_order(signatures: Sequence[Signature], at: datetime) -> bool:
    """Proven times must not run backwards, nor past the moment of the validation (EN 319 102-1,
    5.5.4).
    """
    times = [moment for signature in signatures if (moment := signature.made_at)]
    return all(earlier <= later + CLOCK_TOLERANCE for earlier, later in pairwise([*times, at]))
