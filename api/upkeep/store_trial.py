"""`kho store verify`: the trial of this archive's own store, with the keys and options that an
operator gives.
"""

import shlex
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from api.composition.ledger_key import LEDGER_KEY, checkpoint_signer, ledger_key
from api.composition.no_archive import NoArchive
from api.composition.store_record import keep_record, place_of
from api.home import Home
from archive.base.errors import Misconfigured
from archive.conformance.catalogue import catalogue
from archive.conformance.findings import Findings
from archive.conformance.record import Record, make_record
from archive.process import crash

POINTS = ("store.tried", "store.recorded")
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class TrialOptions:
    """What an operator gives beside the settings. Keys are (access key, secret)."""

    admin: tuple[str, str] | None = None
    stranger: tuple[str, str] | None = None
    trial_bucket: str = ""  # default: the archive's bucket with `-trial` behind it
    doors: tuple[str, ...] = ()  # host:port
    filer_conf: Path | None = None
    restart: str = ""  # a command that kills the store's process and starts it again
    version: str = ""  # for a store that does not report its own


def verify_store(
    home: Home, options: TrialOptions, progress: Progress = lambda _: None
) -> tuple[Record, Path]:
    """Try the home's store, and return the signed record and where the home keeps it.

    An archive that is not made yet gets its ledger key now: production mode requires the record
    before act 0. Raises Misconfigured, VaultError, ReadOnlyHome (no ledger key).
    """
    settings = home.settings
    facility, sign = _signer(home)
    bucket = (
        options.trial_bucket or f"{settings.vault.bucket}-trial"
        if settings.vault.kind == "s3"
        else ""
    )
    trial = _try_s3(home, options, bucket, progress) if bucket else _try_folder(home)
    crash.point("store.tried")
    record = make_record(
        trial,
        facility=facility,
        place=place_of(settings),
        trial_bucket=bucket,
        version=options.version,
        now=home.clock.now(),
        software=f"kho {version('kho')}",
        sign=sign,
    )
    file = keep_record(home.folder, record)
    crash.point("store.recorded")
    return record, file


def _signer(home: Home) -> tuple[str, Callable[[bytes], bytes]]:
    """Return the facility's code and a function that signs with the ledger's key; production mode
    is not checked.
    """
    file, passphrase = home.folder / LEDGER_KEY, home.settings.ledger.passphrase.get_secret_value()
    try:
        home.catch_up()
    except NoArchive:
        if home.settings.facility is None:
            raise
        return home.settings.facility, ledger_key(file, passphrase).sign
    return home.code, checkpoint_signer(file, home.signed.keys(), passphrase).sign_bytes


def _try_folder(home: Home) -> Findings:
    from archive.conformance.folder import try_folder

    return try_folder(home.vault, home.settings.path(home.settings.vault.folder))


def _try_s3(home: Home, options: TrialOptions, bucket: str, progress: Progress) -> Findings:
    from archive.conformance.runner import try_store
    from archive.conformance.trial import Hands, Subject
    from archive.conformance.wire import AccessKey, Address

    settings = home.settings.vault
    if options.admin is None:
        raise Misconfigured(
            why_vi="cần khóa của người quản trị kho (KHO_STORE_ADMIN_KEY, KHO_STORE_ADMIN_SECRET)",
            why_en="the store administrator's key is needed (KHO_STORE_ADMIN_KEY, "
            "KHO_STORE_ADMIN_SECRET)",
        )
    home.engines.require_vault()
    subject = Subject(
        address=Address(
            settings.endpoint,
            settings.region,
            settings.secure,
            home.settings.path(settings.ca_file) if settings.ca_file else None,
        ),
        kho=AccessKey(settings.access_key, settings.secret_key.get_secret_value()),
        admin=AccessKey(*options.admin),
        bucket=settings.bucket,
        trial_bucket=bucket,
        stranger=AccessKey(*options.stranger) if options.stranger else None,
        doors=options.doors,
        filer_conf=options.filer_conf,
        hands=Hands(restart=restarter(options.restart) if options.restart else None),
    )
    shows = {case.id: case.shows for case in catalogue().cases}
    return try_store(subject, progress=lambda case: progress(f"{case}: {shows[case].vi}"))


def restarter(command: str) -> Callable[[], None]:
    """Return what runs the operator's own command; raises Misconfigured where that fails."""

    def restart() -> None:
        try:
            subprocess.run(shlex.split(command), check=True, timeout=300, stdout=subprocess.DEVNULL)  # noqa: S603 - the operator's own
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            why = type(error).__name__
            raise Misconfigured(
                why_vi=f"lệnh --restart: {why}", why_en=f"the command of --restart: {why}"
            ) from error

    return restart
