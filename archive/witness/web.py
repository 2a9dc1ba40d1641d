"""Requests to a witness: short time limits, no redirects, small answers."""

from dataclasses import dataclass
from pathlib import Path

from archive.ledger.checkpoint import MAX_BYTES
from archive.witness.contract import WitnessAway

_CONNECT, _READ = 3.0, 10.0  # seconds; archiving waits at its start for no longer


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """A status and a body of at most 64 KiB."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Web:
    """Asks one witness.

    `token` is sent as `Authorization: Bearer`; `ca_file` is PEM of the authority to trust.
    """

    name: str
    token: str = ""
    ca_file: Path | None = None

    def ask(
        self, method: str, url: str, body: bytes | None = None, media_type: str = ""
    ) -> WebAnswer:
        """Return what `url` answers.

        Raises WitnessAway where there is no answer, or a larger one.
        """
        import urllib3  # takes long to load; only where a witness is on the web

        headers = {"Content-Type": media_type} if media_type else {}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        ca = str(self.ca_file) if self.ca_file else None
        timeout = urllib3.Timeout(connect=_CONNECT, read=_READ)
        try:
            with urllib3.PoolManager(
                timeout=timeout, retries=False, cert_reqs="CERT_REQUIRED", ca_certs=ca
            ) as pool:
                answer = pool.request(
                    method, url, body=body, headers=headers, redirect=False, preload_content=False
                )
                try:
                    data = answer.read(MAX_BYTES + 1)
                finally:
                    answer.close()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise WitnessAway(component=self.name, why=type(error).__name__) from error
        if len(data) > MAX_BYTES:
            raise WitnessAway(component=self.name, why="its answer is larger than a checkpoint")
        return WebAnswer(answer.status, data)
