"""The witnesses that the settings name (`[[witnesses]]` in `kho.toml`)."""

from datetime import timedelta
from urllib.parse import urlsplit

from archive.base.clock import Clock
from archive.base.errors import Misconfigured
from archive.base.identifiers import FacilityCode
from archive.base.settings import Settings, WitnessSettings
from archive.catalog.database import Catalog
from archive.vault.contract import Vault
from archive.vault.open import open_vault
from archive.witness.contract import Witness
from archive.witness.cosigning import CosignerKey, CosigningWitness
from archive.witness.places import HttpWitness, VaultWitness
from archive.witness.service import WitnessService
from archive.witness.web import Web


def witnesses_of(settings: Settings, facility: FacilityCode, clock: Clock) -> tuple[Witness, ...]:
    """Return the witnesses as set, without touching disk or network.

    Raises Misconfigured, which names the witness.
    """
    names = [each.name for each in settings.witnesses]
    for name in names:
        if names.count(name) > 1:
            raise _wrong(name, "tên dùng hai lần", "two witnesses have this name")
    return tuple(_witness(each, settings, facility, clock) for each in settings.witnesses)


def _witness(
    place: WitnessSettings, settings: Settings, facility: FacilityCode, clock: Clock
) -> Witness:
    ca_file = settings.path(place.ca_file) if place.ca_file else None
    if place.kind == "folder" or place.kind == "s3":
        if place.kind == "folder" and place.folder is None:
            raise _wrong(place.name, "thiếu folder", "folder is missing")
        vault = open_vault(
            place.kind,
            clock,
            root=settings.path(place.folder) if place.folder else None,
            endpoint=place.endpoint,
            bucket=place.bucket,
            access_key=place.access_key,
            secret_key=_secret(place, settings),
            region=place.region,
            secure=place.secure,
            ca_file=ca_file,
        )
        return VaultWitness(place.name, vault, facility, clock)
    if urlsplit(place.url).scheme not in ("http", "https") or not urlsplit(place.url).hostname:
        raise _wrong(place.name, "url không hợp lệ", "url is not a valid address")
    web = Web(place.name, _secret(place, settings), ca_file)
    if place.kind == "http":
        return HttpWitness(place.name, place.url, place.method, web)
    try:
        key = CosignerKey.parse(place.key)
    except ValueError as error:
        raise _wrong(
            place.name, "key không phải khóa của nhân chứng", "key is not a witness's verifier key"
        ) from error
    return CosigningWitness(place.name, place.url, key, web, clock)


def _secret(place: WitnessSettings, settings: Settings) -> str:
    """Return the secret in `secret_file`, its last line end dropped; empty where none is set."""
    if place.secret_file is None:
        return ""
    try:
        return settings.path(place.secret_file).read_text("utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(
            place.name, "không đọc được secret_file", "Kho cannot read secret_file"
        ) from error


def _wrong(name: str, vi: str, en: str) -> Misconfigured:
    return Misconfigured(why_vi=f"witnesses.{name}: {vi}", why_en=f"witnesses.{name}: {en}")


def witness_service(
    settings: Settings, catalog: Catalog, vault: Vault, facility: FacilityCode, clock: Clock
) -> WitnessService:
    """Return the service that asks the witnesses of the settings. Raises Misconfigured."""
    notice_after = timedelta(days=settings.witness_notice_days)
    return WitnessService(
        catalog, vault, facility, witnesses_of(settings, facility, clock), clock, notice_after
    )
