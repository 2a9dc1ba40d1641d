"""A key in a device, as Kho's processes use it: each process has a session of its own."""

import json
import threading
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

import structlog
from asn1crypto import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from signing.errors import DeviceAway, KeyRefused
from signing.keys.pkcs11.place import Place
from signing.keys.pkcs11.process import (
    LIST,
    OPEN,
    OPEN_AGAIN,
    OPEN_SECONDS,
    PRESENT,
    SIGN_SECONDS,
    TRIAL,
    TokenProcess,
)
from signing.keys.signer import SealKey, check_certificate, issuers_of

log = structlog.get_logger(__name__)
T = TypeVar("T")

_TRIES = 2  # of one request: the second one has a new session


class Device:
    """The session of this process with a device. Safe for threads, which wait for each other.

    The session is opened by the first request. After a failure the request is made once more, with
    a new child and a new session: the token may have been pulled and put back. A signature that is
    made twice is the same. Close it when done.
    """

    def __init__(
        self,
        place: Place,
        more: Sequence[x509.Certificate] = (),
        *,
        open_seconds: float = OPEN_SECONDS,
        sign_seconds: float = SIGN_SECONDS,
    ) -> None:
        """`more` are certificates that the token may lack: the key's own, those above it."""
        self._place, self._more = place, tuple(more)
        self._open_seconds, self._sign_seconds = open_seconds, sign_seconds
        self._guard = threading.Lock()
        self._process: TokenProcess | None = None
        self._key: SealKey | None = None

    def key(self, now: datetime) -> SealKey:
        """Return the seal whose key lies in the device.

        Raises :class:`signing.errors.DeviceAway` (pulled, no answer),
        :class:`signing.errors.PinRefused`, :class:`signing.errors.KeyRefused` (not there, not of
        its certificate, not for signing at `now`).
        """
        with self._guard:
            self._retried(self._open)
            assert self._key is not None
            check_certificate(self._key.certificate, now)
            return self._key

    def sign(self, data: bytes) -> bytes:
        """Return the signature value of sha256WithRSAEncryption over `data`; raises as
        :meth:`key`.
        """
        with self._guard:
            return self._retried(lambda: self._open().ask(data, self._sign_seconds))

    def require_present(self) -> None:
        """Raise as :meth:`key` where the device does not answer now."""
        with self._guard:
            self._retried(lambda: self._open().ask(PRESENT, self._sign_seconds))

    def close(self) -> None:
        """End the child, and with it the session."""
        with self._guard:
            self._drop()

    @property
    def pid(self) -> int | None:
        """The id of the child process, None while there is none."""
        return None if self._process is None else self._process.pid

    def _retried(self, request: Callable[[], T]) -> T:
        for _ in range(_TRIES - 1):
            try:
                return self._made(request)
            except DeviceAway as error:
                log.warning("seal.device_retried", why=error.facts["why_en"])
        return self._made(request)

    def _made(self, request: Callable[[], T]) -> T:
        try:
            return request()
        except BaseException:
            self._drop()  # an interrupted request has left its answer in the connection
            raise

    def _open(self) -> TokenProcess:
        if self._process is None:
            self._process = TokenProcess(self._place, OPEN)
            self._read(json.loads(self._process.answer(self._open_seconds)))
        return self._process

    def _read(self, opened: dict[str, Any]) -> None:
        """Find the key's certificate in what a new session gives: its key made the trial
        signature.
        """
        held = list(_certificates(opened["held"]))
        candidates = [*held, *self._more]
        if opened["named"] is not None:
            candidates = list(_certificates(opened["named"]))
        trial = b64decode(opened["trial"])
        fitting = [each for each in candidates if _verifies(each, trial)]
        if not fitting:
            raise KeyRefused(
                why_vi="thẻ và seal.pkcs11.chain không có chứng thư của khóa này",
                why_en="neither the token nor seal.pkcs11.chain holds this key's certificate",
            )
        if self._key is None:
            # A renewed certificate of the same key may lie beside the old one.
            newest = max(fitting, key=lambda each: each.not_valid_after)
            chain = issuers_of(newest, [*held, *self._more])
            self._key = SealKey(newest, chain, self.sign, self.require_present)
        elif self._key.certificate.sha256 not in {each.sha256 for each in fitting}:
            raise KeyRefused(
                why_vi="thẻ nay mang chứng thư khác; hãy khởi động lại Kho",
                why_en="the token now holds another certificate; start Kho again",
            )

    def _drop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.end()


def list_tokens(place: Place, seconds: float = OPEN_SECONDS) -> list[dict[str, Any]]:
    """Return what the library of `place` shows without a PIN (`listing.py`).

    Raises :class:`signing.errors.KeyRefused`, :class:`signing.errors.DeviceAway`.
    """
    return list(json.loads(_asked_once(place, LIST, seconds)))


def try_again(place: Place, seconds: float = OPEN_SECONDS) -> None:
    """Try the PIN once more, because a person asks for it. Raises as :meth:`Device.key`."""
    _asked_once(place, OPEN_AGAIN, seconds)


def _asked_once(place: Place, task: bytes, seconds: float) -> bytes:
    process = TokenProcess(place, task)
    try:
        return process.answer(seconds)
    finally:
        process.end()


def _verifies(certificate: x509.Certificate, trial: bytes) -> bool:
    """Return whether the trial signature is by the certificate's key."""
    try:
        public = load_der_public_key(certificate.public_key.dump())
        if not isinstance(public, rsa.RSAPublicKey):
            return False
        public.verify(trial, TRIAL, padding.PKCS1v15(), SHA256())
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _certificates(encoded: Iterable[str]) -> Iterator[x509.Certificate]:
    """Yield the certificates that a token holds; what is no certificate is passed over."""
    for der in encoded:
        with suppress(ValueError):
            yield x509.Certificate.load(b64decode(der), strict=True)
