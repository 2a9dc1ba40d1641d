"""What happened to a file, in one sentence: who sealed it, who signed after that, what changed
between.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise

from archive.base.bilingual import Text
from archive.base.clock import for_people
from archive.base.messages.loader import read_messages
from signing.validation.facts import Change, ChangeKind, DocumentFacts, SignatureFacts
from signing.validation.result.verdict import Indication, judge_signature

_MOST_NAMES = 10  # of fields or pages in a sentence; a form may have hundreds
_LONGEST = 80  # characters of a name
_SAID_BY_ITSELF = frozenset({ChangeKind.SIGNATURE})


@cache
def phrases() -> dict[str, dict[str, Text]]:
    """Return the phrases of `story.yaml`, by group and key."""
    return read_messages("signing.validation.result", "story.yaml")


def story(facts: DocumentFacts) -> Iterator[Text]:
    """Yield a sentence where there is more to say than that one signer sealed the file.

    Archival data alone is nothing to say.
    """
    seals = facts.seals
    if not seals:
        return
    changed = {change.kind for signature in facts.signatures for change in signature.changes}
    if len(seals) == 1 and changed <= {ChangeKind.ARCHIVAL}:
        return
    parts = [_said("signed", seals[0])]
    for before, seal in pairwise(seals):
        parts.append(_between(_steps(facts, before, seal), "between"))
        parts.append(_said("countersigned" if _established(facts, seal) else "unestablished", seal))
    parts.append(_between(_steps(facts, seals[-1], None), "after"))
    vi, en = ("; ".join(texts) for texts in ((p.vi for p in parts), (p.en for p in parts)))
    yield Text(f"{vi}.", f"{en}.")


def _established(facts: DocumentFacts, seal: SignatureFacts) -> bool:
    """Return if it is known who made a signature; what was changed after it is said apart."""
    alone = replace(seal, flaws=frozenset())
    bare = replace(facts, flaws=frozenset())
    return judge_signature(bare, alone).indication is Indication.TOTAL_PASSED


def _steps(facts: DocumentFacts, start: SignatureFacts, stop: SignatureFacts | None) -> set[Change]:
    """Return what changed from one signature to another, or to the end of the file."""
    return {
        change
        for signature in facts.signatures
        if start.end <= signature.end and (stop is None or signature.end < stop.end)
        for change in signature.changes
    }


def _said(key: str, signature: SignatureFacts) -> Text:
    certificate = signature.token.certificate
    name = (certificate.common_name or certificate.subject) if certificate else "?"
    moment = signature.sealed_at or signature.claimed_time
    time = for_people(moment) if moment else "?"
    return _filled(phrases()["story"][key], name=_printable(name), time=time)


def _between(changes: Iterable[Change], key: str) -> Text:
    by_kind: dict[ChangeKind, list[str]] = {}
    for change in sorted(changes):
        if change.kind not in _SAID_BY_ITSELF:
            by_kind.setdefault(change.kind, []).append(change.what)
    said = [
        _filled(phrases()["changes"][_phrase(kind, names)], what=_listed(names))
        for kind, names in by_kind.items()
    ] or [phrases()["changes"]["nothing"]]
    sentence = phrases()["story"][key]
    return Text(
        sentence.vi.format(changes=", ".join(phrase.vi for phrase in said)),
        sentence.en.format(changes=", ".join(phrase.en for phrase in said)),
    )


def _phrase(kind: ChangeKind, names: list[str]) -> str:
    pages = kind is ChangeKind.CONTENT and all(name.isdecimal() for name in names)
    return "content_of_pages" if pages else kind


def _listed(names: list[str]) -> str:
    shown = [_printable(name) for name in names if name][:_MOST_NAMES]
    return ", ".join(shown) + (" ..." if len(names) > _MOST_NAMES else "")


def _printable(name: str) -> str:
    """Return a name out of a stranger's file so that it cannot forge a line or a screen."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:_LONGEST])


def _filled(text: Text, **values: str) -> Text:
    return Text(text.vi.format(**values), text.en.format(**values))
