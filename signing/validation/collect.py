"""From bytes to facts: what is in the PDF, what is wrong with its structure, and what its
signatures are worth when.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

import pikepdf

from archive.base.errors import Unreadable
from signing.trust import TrustRoots
from signing.validation.certificates.evidence import ChainEvidence, evidence_of
from signing.validation.cms_value.framing import is_framed, is_vouched_for
from signing.validation.facts import DocumentFacts, Flaw
from signing.validation.moments import CLOCK_TOLERANCE, Moments
from signing.validation.pdf.claims import pdfa_claims
from signing.validation.pdf.content import content_flaws
from signing.validation.pdf.description import xmp_of
from signing.validation.pdf.fields import Field
from signing.validation.pdf.history import read_history
from signing.validation.pdf.permissions import permissions
from signing.validation.pdf.signatures import Signature, read_signatures, vanished
from signing.validation.pdf.snapshot import Snapshot
from signing.validation.pdf.structure import file_flaws

# Each signed revision is compared with the next one. A paper that is renewed each year for a
# century has some 200.
MOST_SIGNATURES = 500


def collect(pdf: bytes, trust: TrustRoots, at: datetime) -> DocumentFacts:
    """Return what is found in `pdf`, judged against nothing but `trust`, for the moment `at`
    (aware).

    Reads neither network nor disk. Raises :class:`archive.base.errors.Unreadable` where the bytes
    are no PDF, and where they are one with more than :data:`MOST_SIGNATURES` signatures.
    """
    if b"%PDF-" not in pdf[:1024]:
        raise Unreadable(why_vi="không phải tệp PDF", why_en="it is not a PDF file")
    try:
        with Snapshot(pdf) as newest:
            if newest.pdf.is_encrypted:
                return DocumentFacts(at, flaws=frozenset(_if_signed(pdf, Flaw.ENCRYPTED)))
            return _collect(pdf, newest, trust, at)
    except pikepdf.PasswordError:
        return DocumentFacts(at, flaws=frozenset(_if_signed(pdf, Flaw.ENCRYPTED)))
    except pikepdf.PdfError as error:
        raise Unreadable(
            why_vi="cấu trúc PDF bị hỏng", why_en="its PDF structure is broken"
        ) from error
    except (MemoryError, Unreadable):
        raise  # says nothing about the file; see isolated.py
    except Exception:  # noqa: BLE001 - libraries raise what they like on broken files; such a file is never valid
        return DocumentFacts(at, flaws=frozenset({Flaw.UNPARSABLE}))


def _if_signed(pdf: bytes, flaw: Flaw) -> set[Flaw]:
    return {flaw} if b"/ByteRange" in pdf else set()


def _collect(pdf: bytes, newest: Snapshot, trust: TrustRoots, at: datetime) -> DocumentFacts:
    fields = newest.fields
    store = _evidence(newest)
    pdfa = pdfa_claims(xmp_of(newest.pdf))
    if sum(field.value is not None for field in fields) > MOST_SIGNATURES:
        raise Unreadable(
            why_vi=f"tệp có hơn {MOST_SIGNATURES} chữ ký",
            why_en=f"it has more than {MOST_SIGNATURES} signatures",
        )
    signed = read_signatures(pdf, fields, store.certificates)
    signatures = signed.signatures
    flaws = set(signed.flaws) | set(_hidden(pdf, newest, fields))
    if not signatures:
        if newest.guessed:
            flaws |= _if_signed(pdf, Flaw.UNPARSABLE)
        return DocumentFacts(at, flaws=frozenset(flaws), pdfa=pdfa)
    flaws |= {*file_flaws(pdf, (each.end for each in signatures)), *content_flaws(newest)}
    history = read_history(pdf, newest, (signature.end for signature in signatures))
    if history.guessed:
        flaws.add(Flaw.UNPARSABLE)
    signatures[-1].flaws.update(_last_value_flaws(signatures, store, trust))
    for place, signature in enumerate(signatures):
        allowed = permissions(each.value for each in signatures[: place + 1])
        after = history.changes_after(signature.end)
        signature.flaws.update(flaw for each in after if (flaw := allowed.flaw_of(each)))
    facts = asyncio.run(Moments(signatures, history, trust, at).all_facts())
    return DocumentFacts(at, facts, frozenset(flaws), _in_order(signatures, at), pdfa)


def _hidden(pdf: bytes, newest: Snapshot, fields: Sequence[Field]) -> Iterator[Flaw]:
    """Yield HIDDEN_SIGNATURE where the file holds, or held, a value that no field shows now.

    Usage rights (ISO 32000-2, 12.8.2.3) are no signature of the document.
    """
    shown = {value.number for field in fields if (value := field.value)}
    rights = newest.root.get("/Perms")
    if isinstance(rights, pikepdf.Dictionary):
        shown |= {
            right.objgen
            for name in ("/UR", "/UR3")
            if isinstance(right := rights.get(name), pikepdf.Dictionary)
        }
    if newest.mentioned_values > len(shown):
        yield Flaw.HIDDEN_SIGNATURE
        return
    for end in vanished(pdf, len(shown)):
        try:
            with Snapshot(pdf[:end]) as earlier:
                values = [value for field in earlier.fields if (value := field.value)]
                if not earlier.guessed and any(value.number not in shown for value in values):
                    yield Flaw.HIDDEN_SIGNATURE
                    return
        except pikepdf.PdfError:
            continue  # no revision ends there


def _evidence(snapshot: Snapshot) -> ChainEvidence:
    store = snapshot.store
    return evidence_of(store.certificates, store.ocsps, store.crls)


def _last_value_flaws(
    signatures: Sequence[Signature], store: ChainEvidence, trust: TrustRoots
) -> Iterable[Flaw]:
    """Nothing covers the last value of a file but its own mathematics."""
    last = signatures[-1].token
    others = [token for signature in signatures[:-1] for token in signature.tokens]
    brought = [certificate for token in others for certificate in token.certificates]
    known = [*store.certificates, *trust.anchors, *brought]
    if not is_framed(last, others, known):
        yield Flaw.CMS_FRAMING
    if not is_vouched_for(last, known):
        yield Flaw.UNVOUCHED_CERTIFICATE


def _in_order(signatures: Sequence[Signature], at: datetime) -> bool:
    """Proven times must not run backwards, nor past the moment of the validation (EN 319 102-1,
    5.5.4).
    """
    times = [moment for signature in signatures if (moment := signature.made_at)]
    return all(earlier <= later + CLOCK_TOLERANCE for earlier, later in pairwise([*times, at]))
