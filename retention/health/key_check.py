"""The part of `kho check` that compares the home's own key with the keys that the acts state."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archive.base.errors import Misconfigured
from archive.ledger.keys import LedgerKeys
from retention.health.faults import HealthFault, health_fault

KEY_FILE = "keys/ledger.pem"


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """Checks the ledger's key file of one home.

    `public` reads the file and returns its public key (32 bytes); None where there is no file; it
    raises Misconfigured for what is no key, or a wrong passphrase. `prepared` does the same with
    the key to which the ledger is about to be handed over. `is_protected` tells whether the file is
    encrypted, where a passphrase is set. `keeps_keys` tells whether this home has a place for keys:
    a copy that only reads has none, and needs none.
    """

    public: Callable[[], bytes | None]
    prepared: Callable[[], bytes | None]
    is_protected: Callable[[], bool]
    keeps_keys: bool

    def __call__(self, keys: LedgerKeys, *, published: bool) -> Iterator[HealthFault]:
        """Yield what is wrong with the key file.

        `published` tells whether this home has signed checkpoints.
        """
        try:
            public = self.public()
            is_half_done = (
                public not in (None, keys.newest.public) and self.prepared() == keys.newest.public
            )
        except Misconfigured:
            yield health_fault("ledger.key_unreadable", KEY_FILE)
            return
        if public is None:
            if published or self.keeps_keys:
                yield health_fault("ledger.key_missing", KEY_FILE)
        elif public != keys.newest.public:
            yield health_fault(
                "ledger.key_half_handed_over" if is_half_done else "ledger.key_foreign", KEY_FILE
            )
        elif not self.is_protected():
            yield health_fault("ledger.key_unprotected", KEY_FILE)
