"""Digests by the names that asn1crypto gives to their algorithms."""

from collections.abc import Callable, Iterable

from cryptography.hazmat.primitives import hashes
from pyhanko_certvalidator.util import get_pyca_cryptography_hash

from signing.validation.cms_value.container import NotSupported

# from a digest algorithm's name to the digest of what must have been signed
Digest = Callable[[str], bytes]
Octets = bytes | bytearray | memoryview


def digest_of(algorithm: str, *pieces: Octets) -> bytes:
    """Return the digest of `pieces` in their order; raises
    :class:`~signing.validation.cms_value.container.NotSupported` for an unknown algorithm.
    """
    try:
        digest = hashes.Hash(get_pyca_cryptography_hash(algorithm))
    except (AttributeError, TypeError) as error:
        raise NotSupported(f"the digest algorithm {algorithm}") from error
    for piece in pieces:
        digest.update(piece)
    return digest.finalize()


def digester(pieces: Iterable[Octets]) -> Digest:
    """Return the function that computes the digest of `pieces` in their order, such as the two
    spans of a /ByteRange.
    """
    parts = tuple(pieces)
    return lambda algorithm: digest_of(algorithm, *parts)
