"""Settings: from the environment, then `{home}/kho.toml`, then the defaults.

The environment has `KHO_X`; a secret may be in the file that `KHO_X_FILE` names.
"""

import os
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from archive.base.errors import Misconfigured
from archive.base.facts import ChartKind, FacilityCodeText, Outcome

CONFIG_FILE = "kho.toml"
PHONE = r"^[0-9+(). /-]{0,60}$"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CatalogSettings(_Section):
    """Where the catalogue is: SQLite in the home by default, else PostgreSQL 15 or newer."""

    # postgresql://user@host:port/database (libpq's form, without the password); empty: SQLite
    url: str = ""
    password: SecretStr = SecretStr("")
    timeout_seconds: Annotated[int, Field(ge=1, le=3600)] = 60  # of one statement; PostgreSQL only


class SearchSettings(_Section):
    """Which engine finds documents: Tantivy in the home by default, else Elasticsearch."""

    kind: Literal["tantivy", "elasticsearch"] = "tantivy"
    url: str = ""  # https://host:9200
    username: str = ""
    password: SecretStr = SecretStr("")
    ca_file: Path | None = None  # PEM of the facility's own authority, relative to the home
    prefix: str = "kho"  # of the names of indices, aliases and templates


class IntakeSettings(_Section):
    """How files from outside are checked before Kho accepts them."""

    scanner: str = ""  # clamd: unix:/path/of/socket or host:port; empty: no virus scanner
    legacy_text: Literal["notice", "refuse"] = "notice"  # TCVN3 or VNI instead of Unicode
    # prefer: intake goes on while the scanner is away
    scanner_policy: Literal["require", "prefer"] = "require"
    # a refusal is forgotten so long after it came last
    refusals_days: Annotated[int, Field(ge=1, le=3650)] = 30


class WorkSettings(_Section):
    """How much of the machine rendering and sealing may use."""

    processes: Annotated[int, Field(ge=0, le=256)] = 0  # 0: one for each core; 1: no pool

    @property
    def at_once(self) -> int:
        """How many papers may be prepared at once.

        It is the setting, else the number of cores that this process may use.
        """
        return self.processes or len(os.sched_getaffinity(0))


class VaultSettings(_Section):
    """Where objects are kept: a write-once folder, or a bucket with Object Lock."""

    kind: Literal["folder", "s3"] = "folder"
    folder: Path = Path("vault")  # relative to the home
    endpoint: str = ""  # host:port
    bucket: str = ""
    access_key: str = ""
    secret_key: SecretStr = SecretStr("")
    region: str = "us-east-1"
    secure: bool = True
    ca_file: Path | None = None  # PEM of the facility's own authority, relative to the home


class Pkcs11Settings(_Section):
    """A key in a token or an HSM. Paths are relative to the home; `kho seal-key show` shows names.

    `key` and `certificate` are labels, or `id:` and the hexadecimal digits of a CKA_ID.
    """

    module: Path  # the vendor's PKCS#11 library
    token: str = ""  # its label; where several have it, its serial number or the id of its slot
    serial: str = ""
    slot: Annotated[int, Field(ge=0)] | None = None
    key: str = ""  # empty: the only one
    certificate: str = ""  # empty: the key's own
    chain: Path | None = None  # PEM of the certificates that the token lacks
    pin_file: Path | None = None  # for its owner only; None: the device asks for no PIN


class SealSettings(_Section):
    """The facility's certificate and the services that a seal needs.

    Paths are relative to the home.
    """

    pkcs12: Path | None = None
    passphrase: SecretStr = SecretStr("")
    pkcs11: Pkcs11Settings | None = None  # in place of pkcs12
    trust: Path | None = None  # PEM file of trust anchors
    tsa_url: str = ""
    # before a certificate of seal or TSA ends: from then on Kho names it
    notice_days: tuple[Annotated[int, Field(ge=1, le=3650)], ...] = (90, 30, 7)


class ClockSettings(_Section):
    """How far the machine's clock is believed when Kho writes."""

    # since the last act; beyond it the TSA is asked
    unconfirmed_days: Annotated[int, Field(ge=1, le=366)] = 3
    # a person states that today is this day (Viet Nam): the clock is right
    confirmed_day: date | None = None


class LedgerSettings(_Section):
    """The ledger's key, `{home}/keys/ledger.pem`."""

    passphrase: SecretStr = SecretStr("")  # of the key's file; empty: the file is not encrypted


class WitnessSettings(_Section):
    """One place that keeps checkpoints outside of this archive; paths are relative to the home."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    kind: Literal["folder", "s3", "http", "c2sp"]
    # folder: where; on another disk or host, under another administrator
    folder: Path | None = None
    endpoint: str = ""  # s3: host:port
    bucket: str = ""
    access_key: str = ""
    region: str = "us-east-1"
    secure: bool = True
    url: str = ""  # http: takes and gives the newest checkpoint; c2sp: the submission prefix
    method: Literal["PUT", "POST"] = "PUT"  # http
    key: str = ""  # c2sp: the witness's verifier key, <name>+<id>+<base64>
    secret_file: Path | None = None  # s3: the secret key; http, c2sp: a bearer token
    ca_file: Path | None = None  # PEM of the witness's own authority


class WebSettings(_Section):
    """The pages and the API."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    behind_tls: bool = False  # a proxy with TLS is in front, and no other machine reaches the port
    secret: SecretStr = SecretStr("")
    # how many proxies in front append to X-Forwarded-For; none is believed before they are counted
    trusted_proxies: Annotated[int, Field(ge=0, le=8)] = 0
    # whom people call; shown where they sign in or verify
    phone: Annotated[str, Field(pattern=PHONE)] = ""
    # a session ends so long after its last use, and so long after sign-in
    idle_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 30
    session_hours: Annotated[int, Field(ge=1, le=7 * 24)] = 12


class PaperSetting(_Section):
    """A paper that this facility requires of its charts (`retention/required.yaml`).

    Its id is that of the requirement that it replaces, or a name of its own.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,63}$")]
    vi: Annotated[str, Field(min_length=1, max_length=200)]
    en: Annotated[str, Field(min_length=1, max_length=200)]
    forms: Annotated[tuple[str, ...], Field(min_length=1)]  # any of them is enough
    kinds: tuple[ChartKind, ...] = ()  # empty: every kind of care
    outcomes: tuple[Outcome, ...] = ()  # empty: every outcome
    beside: tuple[str, ...] = ()  # only of a chart that holds one of these forms; empty: of all
    departments: tuple[
        str, ...
    ] = ()  # only of a chart that names one of these codes; empty: of all


class FieldSetting(_Section):
    """Fields that this facility demands of the papers of a form once treatment has ended."""

    form: Annotated[str, Field(min_length=1)]
    fields: Annotated[tuple[str, ...], Field(min_length=1)]


class DepositSettings(_Section):
    """What a chart needs before it is deposited."""

    require_papers: bool = False  # refuse the deposit of a chart that lacks a paper; false: warn
    # refuse the deposit of a chart with a paper that is not complete or not signed; false: warn
    require_complete: bool = False
    # After so many days from discharge an open chart is overdue. No circular that we know sets a
    # time: the facility's own regulation does (TT 13/2025/TT-BYT, Điều 6 khoản 3 điểm b).
    overdue_days: Annotated[int, Field(ge=0, le=3650)] = 7
    # what this facility does not ask for: ids of requirements, `FORM#field`, `#field` of all forms
    waived: tuple[str, ...] = ()
    papers: tuple[PaperSetting, ...] = ()
    fields: tuple[FieldSetting, ...] = ()


class Settings(BaseSettings):
    """The configuration of a home. Values are read once, at start."""

    model_config = SettingsConfigDict(
        env_prefix="KHO_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        env_ignore_empty=True,
    )

    home: Path
    facility: FacilityCodeText | None = None  # None: read from act 0
    demo: bool = False
    production: bool = False  # refuses to start on what has not been shown to keep the promises
    catalog: CatalogSettings = CatalogSettings()
    search: SearchSettings = SearchSettings()
    intake: IntakeSettings = IntakeSettings()
    work: WorkSettings = WorkSettings()
    vault: VaultSettings = VaultSettings()
    seal: SealSettings = SealSettings()
    web: WebSettings = WebSettings()
    clock: ClockSettings = ClockSettings()
    deposit: DepositSettings = DepositSettings()
    ledger: LedgerSettings = LedgerSettings()
    witnesses: tuple[WitnessSettings, ...] = ()
    # `kho check` gives a notice after so many
    witness_notice_days: Annotated[int, Field(ge=1, le=3650)] = 7

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: arguments, environment, secrets in files, `kho.toml`."""
        if isinstance(env_settings, EnvSettingsSource):  # these names are read by _SecretFiles
            env_settings.env_vars = {
                k: v for k, v in env_settings.env_vars.items() if k not in _SecretFiles.NAMES
            }
        home = init_settings().get("home", Path())
        toml = TomlConfigSettingsSource(settings_cls, toml_file=Path(home) / CONFIG_FILE)
        return init_settings, env_settings, _SecretFiles(settings_cls), toml

    def path(self, relative: Path) -> Path:
        """Return a path of the settings, taken from the home where it is relative."""
        return self.home / relative


class _SecretFiles(PydanticBaseSettingsSource):
    """Reads `KHO_SEAL__PASSPHRASE_FILE=/run/secrets/x` and the like.

    A file holds one secret; its last line end is dropped.
    """

    _SECRETS = (
        ("catalog", "password"),
        ("search", "password"),
        ("vault", "secret_key"),
        ("seal", "passphrase"),
        ("ledger", "passphrase"),
        ("web", "secret"),
    )
    # Of the variables, as the environment's own source spells them.
    NAMES = frozenset(f"kho_{section}__{name}_file" for section, name in _SECRETS)

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Answer nothing field by field: the whole is given by :meth:`__call__`."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        secrets: dict[str, Any] = {}
        for section, name in self._SECRETS:
            file = os.environ.get(f"KHO_{section}__{name}_FILE".upper())
            if file:
                secrets.setdefault(section, {})[name] = (
                    Path(file).read_text("utf-8").removesuffix("\n")
                )
        return secrets


def load_settings(home: Path) -> Settings:
    """Return the settings of the home at `home`.

    Raises Misconfigured, which names the setting and never its value.
    """
    try:
        settings = Settings(home=home.absolute())
    except ValidationError as error:
        named = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False)
        )
        raise Misconfigured(why_vi=named, why_en=named) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured(
            why_vi=f"{CONFIG_FILE}: {error}", why_en=f"{CONFIG_FILE}: {error}"
        ) from error
    except OSError as error:
        raise Misconfigured(why_vi=str(error), why_en=str(error)) from error
    if settings.demo and settings.production:
        raise Misconfigured(
            why_vi="demo và production không dùng cùng nhau",
            why_en="demo and production exclude each other",
        )
    if settings.seal.pkcs11 is not None and settings.seal.pkcs12 is not None:
        raise Misconfigured(
            why_vi="seal.pkcs11 và seal.pkcs12 không dùng cùng nhau",
            why_en="seal.pkcs11 and seal.pkcs12 exclude each other",
        )
    return settings
