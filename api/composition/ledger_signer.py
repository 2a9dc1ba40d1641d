"""The ledger's signer of a home: every process that writes gets it first, on a store that may be
written to.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from api.composition.ledger_key import LEDGER_KEY, checkpoint_signer
from api.composition.production import require_real
from api.composition.store_record import require_proven_store
from archive.base.clock import Clock
from archive.base.settings import Settings
from archive.ledger.checkpoint import CheckpointSigner
from archive.ledger.keys import LedgerKeys

if TYPE_CHECKING:
    from archive.acts.signed_acts import SignedActs


def proven_signer(
    file: Path, keys: LedgerKeys, settings: Settings, clock: Clock
) -> CheckpointSigner:
    """Return the signer in `file` of the newest of the ledger's `keys`, on a store that may be
    written to.

    Every process that writes to the archive needs the signer. So it gets it here before it writes
    anything. Raises ReadOnlyHome, KeyNotInForce for an earlier key, Misconfigured for another
    ledger's, StoreUnproven, StoreRefused.
    """
    signer = checkpoint_signer(file, keys, settings.ledger.passphrase.get_secret_value())
    require_proven_store(settings, keys.all, clock)
    return signer


class LedgerSigner:
    """Gives the ledger's signer of one home, and keeps it until the ledger is handed over to
    another key.
    """

    def __init__(self, settings: Settings, clock: Clock, acts: "Callable[[], SignedActs]") -> None:
        """`acts` brings the catalogue up to the vault and returns the signed acts."""
        self._settings, self._clock, self._acts = settings, clock, acts
        self._signer: CheckpointSigner | None = None

    def __call__(self) -> CheckpointSigner:
        """Return the signer of the key in force.

        Raises TestInProduction, CatalogueAltered, and as proven_signer.
        """
        acts = self._acts()
        keys = acts.keys()
        if self._signer is None or self._signer.verifier != keys.newest:
            require_real(self._settings, acts)
            self._signer = proven_signer(
                self._settings.home / LEDGER_KEY, keys, self._settings, self._clock
            )
        return self._signer
