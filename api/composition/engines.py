"""The engines of one home, as its settings choose them: leases, vault, catalogue."""

from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from archive.base.clock import Clock
from archive.base.errors import Misconfigured, Unavailable
from archive.base.leases import FileLeases, Leases
from archive.base.settings import Settings
from archive.catalog.database import Catalog
from archive.catalog.sqlite import is_read_only
from archive.files.durable import replace_file
from archive.files.folders import make_folder
from archive.vault.contract import Vault
from archive.vault.open import open_vault

if TYPE_CHECKING:
    from archive.catalog.postgresql import Postgres

CATALOGUE = Path("catalog.db")  # of a home that keeps its catalogue itself
# Marks a home whose catalogue is on PostgreSQL. A command without the catalogue's address then
# opens no second catalogue, which would fork the acts. In a home that cannot be written, none can
# be made anyway.
ON_POSTGRESQL = Path("catalog.postgresql")
_NOTE = (
    "Danh mục của kho này ở PostgreSQL / This archive's catalogue is on PostgreSQL: "
    "docs/postgresql.md\n"
)

log = structlog.get_logger(__name__)


class Engines:
    """Opens each engine on first use; `closing` closes them."""

    def __init__(self, settings: Settings, clock: Clock, closing: ExitStack) -> None:
        self._settings, self._clock, self._closing = settings, clock, closing

    @cached_property
    def leases(self) -> Leases:
        """Exclusive rights within this archive: of all homes that share a catalogue, else within
        this home.

        Raises Misconfigured.
        """
        if self._postgres is None:
            return FileLeases(self._settings.home / "leases")
        from archive.catalog.advisory_leases import AdvisoryLeases

        return AdvisoryLeases(self._postgres)

    @cached_property
    def vault(self) -> Vault:
        """The object store. Raises Misconfigured."""
        return self._open_vault()

    def _open_vault(self) -> Vault:
        place = self._settings.vault
        return open_vault(
            place.kind,
            self._clock,
            root=self._settings.path(place.folder),
            endpoint=place.endpoint,
            bucket=place.bucket,
            access_key=place.access_key,
            secret_key=place.secret_key.get_secret_value(),
            region=place.region,
            secure=place.secure,
            ca_file=self._settings.path(place.ca_file) if place.ca_file else None,
        )

    def require_vault(self) -> None:
        """Raise Misconfigured where the settings name no vault that can be opened;
        asks no store.
        """
        self._open_vault()

    @cached_property
    def catalog(self) -> Catalog:
        """The catalogue, made or migrated where needed; opened for reading where it can only be
        read.

        Raises Misconfigured, CatalogueUnusable, Unavailable.
        """
        catalog = self._embedded() if self._postgres is None else Catalog.open(self._postgres)
        self._closing.callback(catalog.close)
        if self._postgres is not None and not catalog.read_only:
            self._remember_postgres()
        return catalog

    @property
    def has_catalogue(self) -> bool:
        """Whether a catalogue is there already; asking makes nothing.

        Raises Misconfigured, Unavailable.
        """
        return (
            (self._settings.home / CATALOGUE).exists()
            if self._postgres is None
            else self._postgres.has_tables
        )

    @cached_property
    def _postgres(self) -> "Postgres | None":
        place = self._settings.catalog
        if not place.url:
            if (self._settings.home / ON_POSTGRESQL).exists():
                raise Misconfigured(
                    why_vi="danh mục của kho này ở PostgreSQL, nhưng chưa đặt catalog.url "
                    "(KHO_CATALOG__URL)",
                    why_en="this archive's catalogue is on PostgreSQL, but catalog.url "
                    "(KHO_CATALOG__URL) is not set",
                )
            return None
        from archive.catalog.postgresql import Postgres

        database = Postgres(
            place.url,
            place.password.get_secret_value(),
            timeout=place.timeout_seconds,
            production=self._settings.production,
        )
        self._closing.callback(database.engine.dispose)
        return database

    def _remember_postgres(self) -> None:
        file = self._settings.home / ON_POSTGRESQL
        if not file.exists():
            try:
                replace_file(file, _NOTE)
            except OSError as error:
                log.warning("home.not_marked", file=ON_POSTGRESQL.name, why=error.strerror)

    def _embedded(self) -> Catalog:
        file = self._settings.home / CATALOGUE
        if is_read_only(file):
            return Catalog.open(file)
        self._make_folder()
        with self.leases.hold("catalogue"):
            return Catalog.open(file)

    def _make_folder(self) -> None:
        home = self._settings.home
        try:
            make_folder(home)
        except OSError as error:
            raise Unavailable(
                component=str(home), why=error.strerror or type(error).__name__
            ) from error
