"""What can go wrong with a catalogue beside being away (`archive.base.errors.Unavailable`)."""

from archive.base.errors import Unavailable


class CatalogueUnusable(Unavailable):
    """The catalogue's file is damaged, or no database at all.

    What the acts say is not lost: they are in the vault.
    """

    code = "catalogue.unusable"


class TransactionLost(Unavailable):
    """A transaction ended without Kho's commit or rollback.

    The session broke, or the server ended it (deadlock).

    Whether it was committed is not known. Kho retries only work that may be done twice
    (:mod:`archive.coordination.sequencer` does so); everything else is refused whole, and is safe
    to send again.
    """

    code = "catalogue.transaction_lost"
