"""What can stop a seal: the key, its certificate's status, or a service that does not answer as it
must.
"""

from archive.base.errors import KhoError, Misconfigured


class KeyRefused(Misconfigured):
    """The key file cannot be used for sealing: `why_vi`, `why_en` say why."""

    code = "seal.key_refused"


class SealRefused(KhoError):
    """Kho will not seal: `why_vi`, `why_en` say why. No sealed bytes exist."""

    code = "seal.refused"


class CertificateRevoked(SealRefused):
    """A certificate of the seal is revoked; its status is checked before signing (NĐ 23/2025/NĐ-CP,
    điều 15).
    """

    code = "seal.certificate_revoked"


class AlreadySealed(SealRefused):
    """The file holds a signature, or a field for one: Kho never touches what was, or is to be,
    signed elsewhere.
    """

    code = "seal.already_sealed"
