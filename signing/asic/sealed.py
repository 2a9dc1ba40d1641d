"""Making a signed container: its media type, the files, their list, and the signature over the
list.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from signing.asic.container import write_container
from signing.asic.manifest import write_asic_manifest
from signing.asic.names import ASIC_MANIFEST, MEDIA_TYPE, MIMETYPE, SIGNATURE
from signing.cades import sign_detached
from signing.signing_context import SigningContext


def seal_container(
    contents: Iterable[tuple[str, bytes]],
    signing_context: SigningContext,
    moment: datetime,
    media_type: Callable[[str], str],
) -> bytes:
    """Return the container of `contents`, listed and signed in their order.

    `moment` (UTC) becomes the signing-time and the date of every file. `media_type` returns that of
    a file, by its name. Raises as :func:`signing.cades.sign_detached`; :class:`ValueError` for an
    unsafe name.
    """
    files = list(contents)
    listing = write_asic_manifest(files, media_type)
    signature = sign_detached(listing, signing_context, claimed_at=moment)
    first, last = (MIMETYPE, MEDIA_TYPE), [(ASIC_MANIFEST, listing), (SIGNATURE, signature)]
    return write_container([first, *files, *last], moment)
