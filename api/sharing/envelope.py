"""What is wrong with the signed container of a packet or a receipt: findings from the facts about
it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from api.sharing import names
from api.sharing.acts import BroughtActs
from api.sharing.contents import compare
from api.sharing.findings import Code, Finding
from archive.base.identifiers import Sha256
from signing.asic.opened import OpenedContainer, open_container
from signing.asic.sealed import seal_container
from signing.signing_context import SigningContext
from signing.trust import TrustRoots
from signing.validation.cades import DetachedReport


def sealed_envelope(
    contents: list[tuple[str, bytes]], signing_context: SigningContext, moment: datetime
) -> bytes:
    """Return the container of `contents`, listed and signed in their order;
    raises as signing does.
    """
    return seal_container(contents, signing_context, moment, names.media_type)


@dataclass
class Envelope:
    """What was found about the envelope of `files`: the signed list, the signature, and what is
    wrong with them.
    """

    listed: dict[str, Sha256] | None = None
    signature: DetachedReport | None = None
    findings: list[Finding] = field(default_factory=list)

    def holds(self, files: Mapping[str, bytes], expected: list[str]) -> Iterator[Finding]:
        """Yield what is wrong unless the files are exactly the `expected` ones, in their order, and
        listed.
        """
        yield from compare(files, expected, self.listed)

    def signed_by(self, acts: BroughtActs) -> Iterator[Finding]:
        """Yield what is wrong unless the signature is by a seal that the acts state."""
        if self.signature is None:
            return
        certificate, stated = self.signature.certificate, {seal.sha256 for seal in acts.seals}
        if certificate is None or certificate.sha256 not in stated:
            yield Finding(Code.SIGNED_BY_OTHER, names.SIGNATURE)


def open_envelope(
    data: bytes, files: Mapping[str, bytes], trust: TrustRoots, at: datetime
) -> Envelope:
    """Judge the envelope of the container `data`, whose files are `files`, as of `at`.

    A list that cannot be read gets its finding from :meth:`Envelope.holds`.
    """
    opened = open_container(data, files, trust, at)
    return Envelope(opened.listed, opened.signature, list(_findings(opened)))


def _findings(opened: OpenedContainer) -> Iterator[Finding]:
    if not opened.is_asic:
        yield Finding(Code.MIMETYPE, names.MIMETYPE)
    if not opened.is_signed:
        yield Finding(Code.UNSIGNED, names.SIGNATURE)
    elif opened.signature is None:
        yield Finding(Code.SIGNATURE, names.SIGNATURE)
    elif not opened.is_timestamped:
        yield Finding(Code.NO_TIMESTAMP, names.SIGNATURE)
