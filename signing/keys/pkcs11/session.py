"""The logged-in session of one token: it finds key and certificates, and signs with the key.

Only the child process (`child.py`) imports this module: the vendor's library is loaded here.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pkcs11
from pkcs11 import PrivateKey, Session, Token
from pkcs11.constants import Attribute, ObjectClass, TokenFlag
from pkcs11.exceptions import (
    AttributeTypeInvalid,
    FunctionFailed,
    PKCS11Error,
    TokenNotPresent,
    TokenNotRecognised,
)
from pkcs11.mechanisms import KeyType, Mechanism
from pkcs11.types import SignMixin

from signing.errors import DeviceAway, KeyRefused
from signing.keys.pkcs11.login import log_in, read_pin
from signing.keys.pkcs11.place import ObjectName, Place
from signing.keys.pkcs11.refused_pin import RefusedPin

# DigestInfo of a SHA-256 digest, without the digest (RFC 8017, 9.2, note 1).
_SHA256_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def present_tokens(module: str) -> list[Token]:
    """Load the library `module` and return the initialised tokens that are plugged in.

    Raises :class:`signing.errors.KeyRefused` where the library cannot be loaded.
    """
    if not Path(module).is_file():
        raise KeyRefused(
            why_vi=f"không có thư viện PKCS#11 {module}",
            why_en=f"there is no PKCS#11 library {module}",
        )
    try:
        library = pkcs11.lib(module)
    except PKCS11Error as error:
        # The loader's own words name a missing library; an answer of the vendor's has no words.
        words = str(error) or type(error).__name__
        raise KeyRefused(
            why_vi=f"không nạp được thư viện PKCS#11 ({words})",
            why_en=f"Kho cannot load the PKCS#11 library ({words})",
        ) from error
    tokens = []
    for slot in library.get_slots(token_present=True):
        try:
            token = slot.get_token()
        except (TokenNotPresent, TokenNotRecognised):
            continue
        if token.flags & TokenFlag.TOKEN_INITIALIZED:
            tokens.append(token)
    return tokens


class TokenSession:
    """A session with the token of a place. The key signs as often as it is asked to."""

    def __init__(self, place: Place, *, again: bool = False) -> None:
        """Log in; with `again` a person asked to try a PIN that was refused.

        Raises :class:`signing.errors.DeviceAway`, :class:`signing.errors.KeyRefused`,
        :class:`signing.errors.PinRefused`; PKCS11Error where the library fails.
        """
        self._token = _the_token(place, present_tokens(place.module))
        self._pin: str | None = None
        self._session = self._opened(place, again=again)
        self._key = self._the_key(_name("key", place.key))
        assert isinstance(self._key, SignMixin)  # it has CKA_SIGN
        self._signer: SignMixin = self._key
        self._mechanism = self._usable_mechanism()
        self._needs_pin = _is_set(self._key, Attribute.ALWAYS_AUTHENTICATE)
        self._certificate = _name("certificate", place.certificate)

    def sign(self, data: bytes) -> bytes:
        """Return the RSASSA-PKCS1-v1_5 signature with SHA-256 over `data` (RFC 8017, 8.2).

        Raises PKCS11Error.
        """
        if self._mechanism is Mechanism.RSA_PKCS:
            data = _SHA256_DIGEST_INFO + hashlib.sha256(data).digest()
        # Some keys want the PIN for each signature (CKA_ALWAYS_AUTHENTICATE).
        pin = self._pin if self._needs_pin else None
        return bytes(self._signer.sign(data, mechanism=self._mechanism, pin=pin))

    def require_present(self) -> None:
        """Raise PKCS11Error where the token has gone."""
        self._token.slot.get_token()

    def certificates(self) -> list[bytes]:
        """Return every certificate (DER) that the token holds."""
        return list(self._listed_certificates(None))

    def named_certificates(self) -> list[bytes] | None:
        """Return the certificates (DER) of the name in the settings; None where they name none.

        Raises :class:`signing.errors.KeyRefused` where the token holds none of that name.
        """
        if self._certificate is None:
            return None
        named = list(self._listed_certificates(self._certificate))
        if not named:
            raise KeyRefused(
                why_vi="thẻ không có chứng thư nào tên như seal.pkcs11.certificate",
                why_en="the token holds no certificate of the name seal.pkcs11.certificate",
            )
        return named

    def _opened(self, place: Place, *, again: bool) -> Session:
        if place.pin_file:
            pin = read_pin(Path(place.pin_file))
            self._pin = pin
            refused = RefusedPin(Path(place.refused_file))
            return log_in(
                self._token, pin, refused, lambda: self._token.open(user_pin=pin), again=again
            )
        if self._token.flags & TokenFlag.LOGIN_REQUIRED:
            raise KeyRefused(
                why_vi="thẻ đòi mã PIN; hãy đặt seal.pkcs11.pin_file",
                why_en="the token wants a PIN; set seal.pkcs11.pin_file",
            )
        return self._token.open()

    def _the_key(self, name: ObjectName | None) -> PrivateKey:
        wanted = {
            Attribute.CLASS: ObjectClass.PRIVATE_KEY,
            Attribute.SIGN: True,
            **_attributes(name),
        }
        keys = [key for key in self._session.get_objects(wanted) if isinstance(key, PrivateKey)]
        if len(keys) != 1:
            raise KeyRefused(
                why_vi=f"thẻ có {len(keys)} khóa ký hợp với seal.pkcs11.key, cần đúng một",
                why_en=f"the token holds {len(keys)} signing keys that fit seal.pkcs11.key; "
                "Kho needs one",
            )
        if keys[0].key_type is not KeyType.RSA:
            raise KeyRefused(
                why_vi="khóa trong thẻ không phải RSA", why_en="the token's key is not an RSA key"
            )
        return keys[0]

    def _usable_mechanism(self) -> Mechanism:
        offered = self._token.slot.get_mechanisms()
        for mechanism in (Mechanism.SHA256_RSA_PKCS, Mechanism.RSA_PKCS):
            if mechanism in offered:
                return mechanism
        raise KeyRefused(
            why_vi="thẻ không có CKM_SHA256_RSA_PKCS lẫn CKM_RSA_PKCS",
            why_en="the token offers neither CKM_SHA256_RSA_PKCS nor CKM_RSA_PKCS",
        )

    def _listed_certificates(self, name: ObjectName | None) -> Iterator[bytes]:
        wanted = {Attribute.CLASS: ObjectClass.CERTIFICATE, **_attributes(name)}
        for certificate in self._session.get_objects(wanted):
            yield bytes(certificate[Attribute.VALUE])


def _the_token(place: Place, tokens: list[Token]) -> Token:
    fitting = [
        token
        for token in tokens
        if place.token in ("", token.label)
        and place.serial in ("", serial_of(token))
        and place.slot in (None, token.slot.slot_id)
    ]
    if not fitting:
        seen = ", ".join(f"{token.label} ({serial_of(token)})" for token in tokens) or "—"
        raise DeviceAway(
            why_vi=f"không thấy thẻ {_described(place)}; đang cắm: {seen}",
            why_en=f"the token {_described(place)} is not there; plugged in: {seen}",
        )
    if len(fitting) > 1:
        serials = ", ".join(map(serial_of, fitting))
        raise KeyRefused(
            why_vi=f"nhiều thẻ cùng hợp (số sê-ri {serials}); hãy đặt seal.pkcs11.serial",
            why_en=f"several tokens fit (serial numbers {serials}); set seal.pkcs11.serial",
        )
    return fitting[0]


def serial_of(token: Token) -> str:
    """Return the token's serial number as text."""
    return token.serial.decode("ascii", "replace").strip("\0 ")


def _described(place: Place) -> str:
    slot = "" if place.slot is None else f"slot {place.slot}"
    return " ".join(filter(None, (place.token, place.serial, slot))) or "(seal.pkcs11.token)"


def _name(setting: str, text: str) -> ObjectName | None:
    try:
        return ObjectName.parse(text) if text else None
    except ValueError as error:
        raise KeyRefused(
            why_vi=f"seal.pkcs11.{setting}: sau id: phải là số hệ mười sáu",
            why_en=f"seal.pkcs11.{setting}: hexadecimal digits must follow id:",
        ) from error


def _attributes(name: ObjectName | None) -> dict[Attribute, object]:
    if name is None:
        return {}
    return {Attribute.ID: name.id} if name.id else {Attribute.LABEL: name.label}


def _is_set(key: PrivateKey, attribute: Attribute) -> bool:
    """Return a flag of `key`; a library that does not know the attribute does not set it."""
    try:
        return bool(key[attribute])
    except (AttributeTypeInvalid, FunctionFailed):
        return False
