"""Judging a signed container: facts about its type, its list and its signature.

What the files say is not asked.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from archive.base.errors import Unreadable
from archive.base.identifiers import Sha256
from signing.asic.container import is_stored
from signing.asic.manifest import read_asic_manifest
from signing.asic.names import ASIC_MANIFEST, MEDIA_TYPE, MIMETYPE, SIGNATURE
from signing.trust import TrustRoots
from signing.validation.cades import DetachedReport, validate_detached


@dataclass(frozen=True, slots=True)
class OpenedContainer:
    """The facts about one container.

    `is_asic`: its first file is its media type, stored (EN 319 162-1, annex A.1). `listed`: the
      digests of the signed
    list, by file; None where the list cannot be read. `is_signed`: there is a signature.
    `signature`: the report on it; None where there is none, or none that can be read.
    """

    is_asic: bool
    listed: dict[str, Sha256] | None
    is_signed: bool
    signature: DetachedReport | None

    @property
    def is_timestamped(self) -> bool:
        """Whether every signature carries a timestamp."""
        return self.signature is not None and all(
            each["timestamp"] is not None for each in self.signature.report.signatures
        )


def open_container(
    data: bytes, files: Mapping[str, bytes], trust: TrustRoots, at: datetime
) -> OpenedContainer:
    """Return the facts about the container `data`, whose files are `files`; its signature is judged
    as of `at`.
    """
    first = next(iter(files))
    is_asic = first == MIMETYPE and files[first] == MEDIA_TYPE and is_stored(data, first)
    listing, listed, signature = files.get(ASIC_MANIFEST, b""), None, None
    with suppress(ValueError):  # None says that the list cannot be read
        listed = read_asic_manifest(listing)
    if SIGNATURE in files:
        with suppress(Unreadable):  # None says that the signature cannot be read
            signature = validate_detached(files[SIGNATURE], listing, trust, at=at)
    return OpenedContainer(is_asic, listed, SIGNATURE in files, signature)
