"""The facility's keys and the services that a seal needs, as the settings say; a demonstration
brings its own.
"""

from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property, partial
from typing import TYPE_CHECKING

from api.composition.demonstration import require_demonstration
from api.composition.production import require_real_certificates
from api.composition.read_only import ReadOnlyHome
from api.composition.trust_file import TEST_PKI
from api.composition.tsa_path import keep_tsa_path
from archive.base.clock import Clock
from archive.base.errors import Misconfigured
from archive.base.settings import Settings
from signing.fetching import Fetcher
from signing.keys.pkcs12 import load_pkcs12
from signing.keys.signer import SealKey
from signing.revocation import Revocation
from signing.seal import Sealer
from signing.timestamps import TimestampAuthority
from signing.trust import TrustRoots

if TYPE_CHECKING:
    from signing.keys.pkcs11.device import Device
    from signing.testpki.folder import TestPki


class Seals:
    """Makes the sealer of one home; connections are closed by `closing`."""

    def __init__(
        self, settings: Settings, trust: Callable[[], TrustRoots], clock: Clock, closing: ExitStack
    ) -> None:
        """`trust` returns the trust anchors; the key alone needs none."""
        self._settings, self._roots, self._clock, self._closing = settings, trust, clock, closing
        self._keep_tsa = partial(keep_tsa_path, settings.home)

    @cached_property
    def key(self) -> SealKey:
        """The facility's seal key; raises ReadOnlyHome without one, TestPkiExpired, and what the
        key itself refuses; DeviceAway and PinRefused for a key in a device.
        """
        if self._settings.seal.pkcs11 is not None:
            return self._device_key()
        if self._settings.demo:
            pki = self._test_pki()
            return load_pkcs12(pki.p12_path.read_bytes(), pki.passphrase, self._clock.now())
        file = self._settings.seal.pkcs12
        if file is None:
            raise ReadOnlyHome
        passphrase = self._settings.seal.passphrase.get_secret_value().encode()
        try:
            data = self._settings.path(file).read_bytes()
        except OSError as error:
            raise Misconfigured(
                why_vi=f"không đọc được tệp seal.pkcs12 ({error.strerror})",
                why_en=f"Kho cannot read the file of seal.pkcs12 ({error.strerror})",
            ) from error
        key = load_pkcs12(data, passphrase, self._clock.now())
        require_real_certificates(self._settings, (key.certificate, *key.chain), "seal.pkcs12")
        return key

    @property
    def opened_key(self) -> SealKey | None:
        """The key where this process has opened it already, else None."""
        key: SealKey | None = self.__dict__.get("key")  # where cached_property keeps it
        return key

    @cached_property
    def _device(self) -> "Device":
        from api.composition.seal_device import open_device, stated_device

        device = open_device(self._settings, stated_device(self._settings))
        self._closing.callback(device.close)
        return device

    def _device_key(self) -> SealKey:
        key = self._device.key(self._clock.now())
        require_real_certificates(self._settings, (key.certificate, *key.chain), "seal.pkcs11")
        return key

    @cached_property
    def authority(self) -> TimestampAuthority:
        """The TSA, as a source of the time. Raises Misconfigured, Unavailable."""
        fetcher, tsa = self._services
        return TimestampAuthority(tsa, self._roots(), fetcher, self._keep_tsa)

    @cached_property
    def revocation(self) -> Revocation:
        """The status of certificates, fetched where they say. Raises Misconfigured."""
        return Revocation(self._roots(), self._services[0], self._clock)

    @cached_property
    def sealer(self) -> Sealer:
        """Seals documents with the facility's certificate."""
        return Sealer(self.key, self._roots(), self.authority, self.revocation, self._clock)

    @cached_property
    def _services(self) -> tuple[Fetcher, str]:
        """Return the way out to TSA, OCSP and CRL, and the TSA's address; a demonstration starts
        its test PKI.
        """
        if self._settings.demo:
            require_demonstration()
            from signing.testpki.running import ensure_running

            pki = self._test_pki()
            fetcher, tsa = Fetcher(reroute={pki.base_url: ensure_running(pki.folder)}), pki.tsa_url
        elif not self._settings.seal.tsa_url:
            raise Misconfigured(why_vi="thiếu seal.tsa_url", why_en="seal.tsa_url is missing")
        else:
            fetcher, tsa = Fetcher(), self._settings.seal.tsa_url
        self._closing.callback(fetcher.close)
        return fetcher, tsa

    def _test_pki(self) -> "TestPki":
        require_demonstration()
        from signing.testpki.folder import open_test_pki

        return open_test_pki(self._settings.home / TEST_PKI, self._clock.now())
