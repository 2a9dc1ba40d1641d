"""The witnesses that the settings name (`[[witnesses]]` in `kho.toml`)."""

from datetime import timedelta
from urllib.parse import urlsplit

from archive.catalog.database import Catalog
from archive.clock import Clock
from archive.errors import Misconfigured
from archive.identifiers import FacilityCode
from archive.settings import Settings, WitnessSettings
from archive.vault.contract import Vault
from archive.vault.open import open_vault
from archive.witness.contract import Witness
from archive.witness.cosigning import CosignerKey, CosigningWitness
from archive.witness.desk import WitnessDesk
from archive.witness.places import HttpWitness, VaultWitness
from archive.witness.web import Web


def witnesses_of(settings: Settings, facility: FacilityCode, clock: Clock) -> tuple[Witness, ...]:
    """Return the witnesses as set, without touching disk or network. Raises Misconfigured, which names the witness."""
    names = [each.name for each in settings.witnesses]
    for name in names:
        if names.count(name) > 1:
            raise _wrong(name, "tên dùng hai lần", "the name is used twice")
    return tuple(_witness(each, settings, facility, clock) for each in settings.witnesses)


def _witness(told: WitnessSettings, settings: Settings, facility: FacilityCode, clock: Clock) -> Witness:
    ca_file = settings.path(told.ca_file) if told.ca_file else None
    if told.kind == "folder" or told.kind == "s3":
        if told.kind == "folder" and told.folder is None:
            raise _wrong(told.name, "thiếu folder", "folder is missing")
        vault = open_vault(
            told.kind,
            clock,
            root=settings.path(told.folder) if told.folder else None,
            endpoint=told.endpoint,
            bucket=told.bucket,
            access_key=told.access_key,
            secret_key=_secret(told, settings),
            region=told.region,
            secure=told.secure,
            ca_file=ca_file,
        )
        return VaultWitness(told.name, vault, facility, clock)
    if urlsplit(told.url).scheme not in ("http", "https") or not urlsplit(told.url).hostname:
        raise _wrong(told.name, "url không hợp lệ", "url is not an address")
    web = Web(told.name, _secret(told, settings), ca_file)
    if told.kind == "http":
        return HttpWitness(told.name, told.url, told.method, web)
    try:
        key = CosignerKey.parse(told.key)
    except ValueError as error:
        raise _wrong(told.name, "key không phải khóa của nhân chứng", "key is not a witness's verifier key") from error
    return CosigningWitness(told.name, told.url, key, web, clock)


def _secret(told: WitnessSettings, settings: Settings) -> str:
    """Return the secret in `secret_file`, its last line end dropped; empty where none is set."""
    if told.secret_file is None:
        return ""
    try:
        return settings.path(told.secret_file).read_text("utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(told.name, "không đọc được secret_file", "secret_file cannot be read") from error


def _wrong(name: str, vi: str, en: str) -> Misconfigured:
    return Misconfigured(why_vi=f"witnesses.{name}: {vi}", why_en=f"witnesses.{name}: {en}")


def witness_desk(
    settings: Settings, catalog: Catalog, vault: Vault, facility: FacilityCode, clock: Clock
) -> WitnessDesk:
    """Return the desk that asks the witnesses of the settings. Raises Misconfigured."""
    notice_after = timedelta(days=settings.witness_notice_days)
    return WitnessDesk(catalog, vault, facility, witnesses_of(settings, facility, clock), clock, notice_after)
