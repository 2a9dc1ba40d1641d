"""The signed envelope of packets and receipts (ASiC-E with CAdES): its type, its list of files, its
signature.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from api.sharing import names
from api.sharing.acts import BroughtActs
from api.sharing.asic import read_asic_manifest, write_asic_manifest
from api.sharing.container import is_stored, write_container
from api.sharing.contents import compare
from api.sharing.findings import Code, Finding
from archive.base.errors import Unreadable
from archive.base.identifiers import Sha256
from signing.cades import sign_detached
from signing.signing_context import SigningContext
from signing.trust import TrustRoots
from signing.validation.cades import DetachedReport, validate_detached


def sealed_envelope(
    contents: list[tuple[str, bytes]], signing_context: SigningContext, moment: datetime
) -> bytes:
    """Return the container of `contents`, listed and signed in their order;
    raises as signing does.
    """
    listing = write_asic_manifest(contents)
    signature = sign_detached(listing, signing_context, claimed_at=moment)
    files = [
        (names.MIMETYPE, names.MEDIA_TYPE),
        *contents,
        (names.ASIC_MANIFEST, listing),
        (names.SIGNATURE, signature),
    ]
    return write_container(files, moment)


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
    """Judge the envelope of the container `data`, whose files are `files`, as of `at`."""
    found = Envelope()
    first = next(iter(files))
    if first != names.MIMETYPE or files[first] != names.MEDIA_TYPE or not is_stored(data, first):
        found.findings.append(Finding(Code.MIMETYPE, names.MIMETYPE))
    with suppress(ValueError):  # `compare` has a finding for a list that cannot be read
        found.listed = read_asic_manifest(files.get(names.ASIC_MANIFEST, b""))
    found.signature = _signature(files, trust, at, found.findings)
    return found


def _signature(
    files: Mapping[str, bytes], trust: TrustRoots, at: datetime, findings: list[Finding]
) -> DetachedReport | None:
    if names.SIGNATURE not in files:
        findings.append(Finding(Code.UNSIGNED, names.SIGNATURE))
        return None
    try:
        said = validate_detached(
            files[names.SIGNATURE], files.get(names.ASIC_MANIFEST, b""), trust, at=at
        )
    except Unreadable:
        findings.append(Finding(Code.SIGNATURE, names.SIGNATURE))
        return None
    if any(one["timestamp"] is None for one in said.report.signatures):
        findings.append(Finding(Code.NO_TIMESTAMP, names.SIGNATURE))
    return said
