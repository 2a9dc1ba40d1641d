"""What follows the acts: locks, the published ledger, the search index, witnesses.

The outbox says what is due.
"""

import contextlib
from functools import cached_property, partial
from typing import TYPE_CHECKING

from api.composition.ground import Ground
from archive.coordination.outbox import Outbox
from archive.files.encrypted_cache import forget_groups
from retention.locks import LockKeeper, going_on

if TYPE_CHECKING:
    from api.composition.indexing import Indexing
    from archive.ledger.store import LedgerPublisher
    from ingest.content.recent import RecentTexts
    from ingest.content.texts import DocumentTexts
    from retention.removal import Removals

TEXT_PORTION = 20  # charts whose texts are read at a time
READING_SECONDS = 2.0  # after which a command begins to read no more of them


class FollowUps:
    """Does what acts have left in the outbox of one archive."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    @cached_property
    def locks(self) -> LockKeeper:
        """Extends and renews locks."""
        ground = self._ground
        return LockKeeper(
            ground.catalog, ground.vault, ground.code, ground.signed, ground.writing_clock
        )

    @cached_property
    def indexing(self) -> "Indexing":
        """Keeps the search index in step with the catalogue."""
        from api.composition.indexing import Indexing, engine_of

        ground = self._ground
        return Indexing(
            partial(engine_of, ground.settings, ground.code, ground.leases, ground.clock),
            ground.catalog,
            ground.code,
            texts=lambda: self.texts,
            recent=self.recent_texts,
            owe=lambda topic, charts: self.outbox.owe(topic, charts),
            closing=ground.closing,
        )

    @cached_property
    def recent_texts(self) -> "RecentTexts":
        """Keeps what was archived or read here just now."""
        from ingest.content.recent import RecentTexts

        return RecentTexts()

    @cached_property
    def texts(self) -> "DocumentTexts":
        """Reads what documents say."""
        from ingest.content.texts import DocumentTexts

        return DocumentTexts(self._ground.vault, self._ground.forms)

    @cached_property
    def outbox(self) -> Outbox:
        """The work that is due, by topic."""
        return Outbox(
            *(self._ground.catalog, self._ground.code, self._ground.leases, self._ground.clock),
            {
                "ledger": self._publish,
                "index": lambda subjects: self.indexing.feed(subjects),
                "text": lambda subjects: self.indexing.feed_texts(subjects),
                "witness": self._confirm,
            },
            each={"locks": self.locks.settle, "removal": lambda key: self.removals.carry_out(key)},
            idle={"locks": self.locks.settled},
        )

    @cached_property
    def removals(self) -> "Removals":
        """Removes charts whose term is over."""
        from retention.removal import Removals

        ground = self._ground
        return Removals(
            catalog=ground.catalog,
            vault=ground.vault,
            sequencer=ground.sequencer,
            leases=ground.leases,
            facility=ground.code,
            publisher=self.publisher,
            forget=partial(forget_groups, ground.pictures),
            clock=ground.writing_clock,
        )

    def publisher(self) -> "LedgerPublisher":
        """Return a new publisher of the ledger; it signs with the key that is in force at this
        call.

        Raises as :meth:`api.composition.ground.Ground.ledger_signer`.
        """
        from archive.ledger.store import LedgerPublisher

        ground = self._ground
        return LedgerPublisher(
            ground.catalog,
            ground.vault,
            ground.code,
            ground.ledger_signer(),
            ground.writing_clock,
            ground.signed.digests,
            ("witness",) if ground.settings.witnesses else (),
        )

    def _publish(self, _: frozenset[str]) -> None:
        self.publisher().publish()

    def _confirm(self, _: frozenset[str]) -> None:
        self._ground.witnesses.confirm()

    def run(self) -> None:
        """Process the outbox, and renew locks that end soon. Writing commands call it at their end.

        What they acknowledged is archived. So a broken lock of any chart is logged and not raised.
        The same holds for all that a search needs: it must not stop archiving.
        """
        from api.composition.indexing import search_may_wait
        from archive.witness.contract import WitnessAway

        with going_on():
            self.outbox.drain("locks")
        self.outbox.drain("ledger")
        with search_may_wait("index.not_fed"):
            self.outbox.drain("index")
        # logged by the witness service; the outbox keeps what is due
        with contextlib.suppress(WitnessAway):
            self.outbox.drain("witness")
        with going_on():
            self.outbox.drain("removal")
        with going_on():
            self.locks.renew()
        # Last, for it may take long. Of an archive whose index is new very many may be due:
        # `kho serve` reads them, or `kho reindex`.
        with search_may_wait("texts.not_read"):
            self.outbox.drain("text", within=READING_SECONDS, portion=TEXT_PORTION)
