"""The device of the seal's key, as the settings name it."""

from pathlib import Path

from archive.base.errors import Misconfigured
from archive.base.settings import Pkcs11Settings, Settings
from signing.keys.pkcs11.device import Device
from signing.keys.pkcs11.place import Place
from signing.trust import read_certificates

REFUSED_PIN = Path("keys") / "refused-pin.json"


def stated_device(settings: Settings) -> Pkcs11Settings:
    """Return the settings of the device. Raises Misconfigured where none is set."""
    if settings.seal.pkcs11 is None:
        raise Misconfigured(why_vi="chưa đặt [seal.pkcs11]", why_en="[seal.pkcs11] is not set")
    return settings.seal.pkcs11


def place_of(settings: Settings, stated: Pkcs11Settings) -> Place:
    """Return where the key lies, with absolute paths."""
    return Place(
        module=str(settings.path(stated.module)),
        refused_file=str(settings.home / REFUSED_PIN),
        token=stated.token,
        serial=stated.serial,
        slot=stated.slot,
        key=stated.key,
        certificate=stated.certificate,
        pin_file="" if stated.pin_file is None else str(settings.path(stated.pin_file)),
    )


def open_device(settings: Settings, stated: Pkcs11Settings) -> Device:
    """Return the device; its session is opened by the first request. Close it when done.

    Raises Misconfigured where the certificates of `seal.pkcs11.chain` cannot be read.
    """
    if stated.chain is None:
        return Device(place_of(settings, stated))
    try:
        more = read_certificates(settings.path(stated.chain).read_bytes())
    except (OSError, ValueError) as error:
        raise Misconfigured(
            why_vi="không đọc được chứng thư trong seal.pkcs11.chain",
            why_en="Kho cannot read the certificates in seal.pkcs11.chain",
        ) from error
    return Device(place_of(settings, stated), more)
