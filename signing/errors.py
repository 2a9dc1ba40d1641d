"""What can stop a seal: the key, its certificate's status, or a service that does not answer as it
must.
"""

from archive.base.errors import KhoError, Misconfigured, Unavailable


class KeyRefused(Misconfigured):
    """The key cannot be used for sealing: `why_vi`, `why_en` say why."""

    code = "seal.key_refused"


class DeviceAway(Unavailable):
    """The device of the seal's key is pulled, or its library fails: `why_vi`, `why_en`.

    No sealed bytes exist; the same request works once the device is back.
    """

    code = "seal.device_away"


class PinRefused(Unavailable):
    """The PIN of the seal's device is not tried, or was refused: `why_vi`, `why_en`.

    Kho never tries the same PIN again by itself: the device locks after a few wrong ones.
    """

    code = "seal.pin_refused"


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
