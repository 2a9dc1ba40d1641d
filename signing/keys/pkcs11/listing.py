"""What a PKCS#11 library shows without a PIN, so that a person finds the names for the settings."""

from typing import Any

from pkcs11 import Token
from pkcs11.constants import Attribute, ObjectClass, TokenFlag
from pkcs11.exceptions import PKCS11Error

from signing.keys.pkcs11.session import present_tokens, serial_of

_KINDS = {
    ObjectClass.CERTIFICATE: "certificate",
    ObjectClass.PUBLIC_KEY: "public-key",
    ObjectClass.PRIVATE_KEY: "private-key",  # most tokens show it after a login only
}
_PIN_STATES = {
    TokenFlag.USER_PIN_LOCKED: "locked",
    TokenFlag.USER_PIN_FINAL_TRY: "final-try",
    TokenFlag.USER_PIN_COUNT_LOW: "count-low",
}


def listing(module: str) -> list[dict[str, Any]]:
    """Return the tokens that `module` shows, as `kho seal-key show` gives them.

    Raises :class:`signing.errors.KeyRefused`; PKCS11Error where the library fails.
    """
    return [_token(token) for token in present_tokens(module)]


def _token(token: Token) -> dict[str, Any]:
    states = (name for flag, name in _PIN_STATES.items() if token.flags & flag)
    return {
        "token": token.label,
        "serial": serial_of(token),
        "slot": token.slot.slot_id,
        "maker": token.manufacturer_id,
        "model": token.model,
        "pin": next(states, "ok"),
        "objects": _objects(token),
    }


def _objects(token: Token) -> list[dict[str, Any]]:
    with token.open() as session:
        return [
            {"kind": kind, **_shown(entry)}
            for what, kind in _KINDS.items()
            for entry in session.get_objects({Attribute.CLASS: what})
        ]


def _shown(entry: Any) -> dict[str, Any]:
    """Return the names of an object, and whose a certificate is and until when."""
    names = {
        "label": str(_read(entry, Attribute.LABEL) or ""),
        "id": bytes(_read(entry, Attribute.ID) or b"").hex(),
    }
    from asn1crypto import x509  # late: to import it takes as long as all else

    der = _read(entry, Attribute.VALUE)
    try:
        certificate = x509.Certificate.load(bytes(der), strict=True) if der else None
        if certificate is None:
            return names
        return {
            **names,
            "subject": certificate.subject.human_friendly,
            "until": certificate.not_valid_after.isoformat(),
        }
    except (ValueError, TypeError):  # not a certificate that Kho can read: its names are shown
        return names


def _read(entry: Any, attribute: Attribute) -> Any:
    try:
        return entry[attribute]
    except PKCS11Error:
        return None
