"""Replacements: which document took the place of another, who did it, and why, as the signed act
states it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive.acts.accession import Accession
from archive.acts.signed_acts import SignedActs
from archive.base.clock import iso, parse_iso
from archive.catalog.entries import DocumentEntry


@dataclass(frozen=True, slots=True)
class Replacement:
    """A document that took the place of an older one.

    `author`: who sent it. `reason`: None where the paper came again and no person gave a reason.
    """

    older: str
    newer: str
    author: str
    role: str
    at: datetime
    reason: str | None

    def as_json(self) -> dict[str, Any]:
        """Return the members for command line and API."""
        return {
            "supersedes": self.older,
            "superseded_by": self.newer,
            "author": self.author,
            "role": self.role,
            "at": iso(self.at),
            "reason": self.reason,
        }


class ReplacementService:
    """Reads replacements. The caller may see both documents."""

    def __init__(self, signed: SignedActs) -> None:
        self._signed = signed

    def of(self, newer: DocumentEntry) -> Replacement | None:
        """Return whose place `newer` took; None where it took no document's.

        Raises CatalogueAltered, IntegrityError, VaultError.
        """
        act, facts = self._signed.act(newer.act_index), self._signed.facts(newer.act_index)
        stated = facts.documents if isinstance(facts, Accession) else ()
        document = next((each for each in stated if each.id == newer.id), None)
        if document is None:
            raise self._signed.altered(f"document {newer.id}")
        if document.supersedes is None:
            return None
        correction = document.correction
        return Replacement(
            older=document.supersedes,
            newer=newer.id,
            author=act.actor.name,
            role=act.actor.role,
            at=parse_iso(act.time),
            reason=correction.reason if correction else None,
        )
