"""Places that keep checkpoints and show them: a second folder or bucket, or a web address."""

import re
from collections.abc import Iterator

from archive.base.clock import Clock
from archive.base.identifiers import FacilityCode, ObjectKey, sha256
from archive.ledger.checkpoint import MAX_BYTES
from archive.vault.contract import ObjectMissing, Stored, Vault
from archive.vault.policy import rolling_until
from archive.witness.contract import Claim, WitnessAway, require_continued
from archive.witness.web import Web

_NAME = re.compile(r"(\d{12})-([0-9a-f]{64})\Z", re.ASCII)


class VaultWitness:
    """A second write-once place: each checkpoint is an object of its own.

    Its key is `{facility}/checkpoints/{size}-{sha256}`.

    The name holds the facility and not the ledger's origin: a new archive under the same facility
    code, with another key and origin, finds the old archive's checkpoints.
    """

    def __init__(self, name: str, vault: Vault, facility: FacilityCode, clock: Clock) -> None:
        self.name, self._vault, self._clock = name, vault, clock
        self._prefix = f"{facility}/checkpoints/"

    def confirm(self, claim: Claim) -> bytes:
        """See :meth:`archive.witness.contract.Witness.confirm`.

        The newest kept checkpoint is compared.
        """
        newest = max(self._stored(), key=lambda stored: stored.key, default=None)
        if newest is not None:
            require_continued(self.name, claim.history, self._read(newest))
        key = ObjectKey(f"{self._prefix}{claim.size:012}-{sha256(claim.checkpoint)}")
        self._vault.put(
            key,
            claim.checkpoint,
            retain_until=rolling_until(self._clock.now()),
            media_type="text/plain",
        )
        return claim.checkpoint

    def kept(self) -> Iterator[bytes]:
        """See :meth:`archive.witness.contract.Witness.kept`."""
        return (self._read(stored) for stored in self._stored())

    def _stored(self) -> Iterator[Stored]:
        """Yield the objects that have a checkpoint's name; other objects there are not Kho's."""
        return (
            s
            for s in self._vault.list(self._prefix)
            if _NAME.match(s.key.removeprefix(self._prefix))
        )

    def _read(self, stored: Stored) -> bytes:
        if stored.size > MAX_BYTES:
            raise WitnessAway(component=self.name, why=f"{stored.key} is larger than a checkpoint")
        try:
            return self._vault.read(stored.key, stored.version)
        except ObjectMissing as error:  # a link, or removed since it was listed
            raise WitnessAway(component=self.name, why=f"{stored.key} cannot be read") from error


class HttpWitness:
    """An address that takes the newest checkpoint (PUT or POST) and gives it back (GET)."""

    def __init__(self, name: str, url: str, method: str, web: Web) -> None:
        self.name, self._url, self._method, self._web = name, url, method, web

    def confirm(self, claim: Claim) -> bytes:
        """See :meth:`archive.witness.contract.Witness.confirm`."""
        for kept in self.kept():
            if kept == claim.checkpoint:
                return kept
            require_continued(self.name, claim.history, kept)
        answer = self._web.ask(
            self._method, self._url, claim.checkpoint, "text/plain; charset=utf-8"
        )
        if not 200 <= answer.status < 300:
            raise WitnessAway(component=self.name, why=f"HTTP {answer.status}")
        return claim.checkpoint

    def kept(self) -> Iterator[bytes]:
        """See :meth:`archive.witness.contract.Witness.kept`.

        A place that shows nothing (404, 405) yields nothing.
        """
        answer = self._web.ask("GET", self._url)
        if answer.status == 200 and answer.body:
            yield answer.body
        elif answer.status not in (200, 204, 404, 405):
            raise WitnessAway(component=self.name, why=f"HTTP {answer.status}")
