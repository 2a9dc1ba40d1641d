"""Digests in headers (RFC 9530)."""

import base64


def digest_header(sha256: bytes) -> str:
    """Return a SHA-256 as the Dictionary that `Content-Digest` and `Repr-Digest` hold."""
    return f"sha-256=:{base64.b64encode(sha256).decode()}:"
