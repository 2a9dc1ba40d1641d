"""Asks each component of an archive how it is; a component that fails is an answer, no error."""

import hashlib
import platform
import secrets
import shutil
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

from sqlalchemy import func, select

from api.composition.certificates import watched_certificates
from api.composition.read_only import ReadOnlyHome
from api.composition.store_record import newest_record, place_of
from api.home import Home
from api.upkeep.readiness import require_first_act
from api.upkeep.status.component import Component, State
from api.upkeep.status.memory import last_check, with_since
from archive.base.clock import for_people, parse_iso, vietnam_date
from archive.base.errors import KhoError
from archive.catalog.operations import OutboxRow
from archive.catalog.tables import DocumentRow
from archive.conformance.requirement import require
from archive.coordination.writing_clock import TOLERANCE
from signing.keys.signer import SealKey
from signing.timestamps import Timestamp

MANY_WAIT = 1000  # pieces of work
CHECK_DAYS = 14  # after which a check is old
LOW, FULL = 0.10, 0.02  # of the disk, free


def ask_all(home: Home) -> list[Component]:
    """Return each component of the archive, as it is now. Raises NoArchive."""
    home.require_archive()
    key: SealKey | None = None
    seal = _asked("seal", lambda: _seal(home))
    if seal.state is State.OK and seal.code != "reads_only":
        key = home.seals.key
    stamps: list[Timestamp] = []
    tsa = _asked("tsa", lambda: _tsa(home, stamps)) if key else Component.of("tsa", "not_asked")
    return [
        _asked("catalogue", lambda: _catalogue(home)),
        _asked("vault", lambda: _vault(home)),
        _asked("trial", lambda: _trial(home)),
        _asked("index", lambda: _index(home)),
        _asked("ledger", lambda: _ledger(home)),
        _forms(home),
        seal,
        _asked("certificates", lambda: _certificates(home)),
        tsa,
        _asked("ocsp", lambda: _ocsp(home, key)),
        _clock(home, stamps),
        _disk(home),
        _asked("use", lambda: _use(home)),
        _asked("outbox", lambda: _outbox(home)),
        _asked("check", lambda: _check(home)),
        Component.of("version", "runs", version=version("kho"), python=platform.python_version()),
    ]


def status(home: Home) -> dict[str, Any]:
    """Return each component as `docs/scripting.md` gives it. Raises NoArchive."""
    return {"components": [each.as_json() for each in with_since(home, ask_all(home))]}


def _asked(name: str, ask: Callable[[], Component]) -> Component:
    try:
        return ask()
    except KhoError as error:
        return Component.failed(name, error)


def _catalogue(home: Home) -> Component:
    with home.catalog.read() as session:
        session.execute(select(func.count()).select_from(OutboxRow))
    engine = "PostgreSQL" if home.settings.catalog.url else "SQLite"
    return Component.of("catalogue", "answers", engine=engine)


def _vault(home: Home) -> Component:
    require_first_act(home)
    return Component.of("vault", "answers", engine=home.settings.vault.kind)


def _trial(home: Home) -> Component:
    """A store without a good trial is a fault in production mode, and a warning before it."""
    place = place_of(home.settings)
    if place.kind == "folder":
        return Component.of("trial", "folder")
    record = newest_record(home.settings.home, place)
    keys = [key.public for key in home.signed.keys().all]
    try:
        require(record, place, keys, home.clock.now())
    except KhoError as error:
        state = State.FAULT if home.settings.production else State.WARNING
        return Component.failed("trial", error, state)
    assert record is not None  # `require` refuses a store without one
    return Component.of("trial", "good", day=_day(parse_iso(record.time)))


def _index(home: Home) -> Component:
    count = home.follow_ups.indexing.index.count()
    engine, outbox = home.settings.search.kind, home.follow_ups.outbox
    if failed := outbox.postponed("text"):
        return Component.of("index", "unread", engine=engine, count=count, failed=failed)
    if unread := outbox.waiting("text"):
        return Component.of("index", "reads", engine=engine, count=count, unread=unread)
    return Component.of("index", "answers", engine=engine, count=count)


def _ledger(home: Home) -> Component:
    try:
        home.ledger_signer()
    except ReadOnlyHome:
        return Component.of("ledger", "reads_only")
    return Component.of("ledger", "signs")


def _forms(home: Home) -> Component:
    """A broken form of the facility is a warning: papers of that form are refused. So is a file in
    the place of an imported code list: nothing is looked up in it.
    """
    forms = home.forms
    if forms.broken:
        files = ", ".join(sorted({fault.file for fault in forms.broken}))
        return Component.of("forms", "broken", files=files)
    if home.codes.broken:
        return Component.of("forms", "lists", files=", ".join(home.codes.broken))
    return Component.of("forms", "known", count=len(forms.forms), own=len(forms.own))


def _seal(home: Home) -> Component:
    try:
        key = home.seals.key
    except ReadOnlyHome:
        return Component.of("seal", "reads_only")
    key.check(home.clock.now())
    key.require_present()
    return Component.of("seal", "device" if home.settings.seal.pkcs11 else "file")


def _tsa(home: Home, stamps: list[Timestamp]) -> Component:
    begun = time.monotonic()
    stamps.append(home.seals.authority.timestamp(hashlib.sha256(secrets.token_bytes(32)).digest()))
    return Component.of("tsa", "answers", milliseconds=round((time.monotonic() - begun) * 1000))


def _ocsp(home: Home, key: SealKey | None) -> Component:
    if key is None:
        return Component.of("ocsp", "not_asked")
    path = home.trust.path(key.certificate, key.chain, home.clock.now())
    evidence = home.seals.revocation.evidence(path)
    return Component.of("ocsp", "good", until=for_people(evidence.fresh_until))


def _certificates(home: Home) -> Component:
    states = watched_certificates(home)
    if not states:
        return Component.of("certificates", "none")
    first = states[0]
    code = "over" if first.has_ended else "good" if first.within is None else "soon"
    day = f"{first.last_day:%d/%m/%Y}"
    component = Component.of("certificates", code, days=first.days_left, day=day)
    return component.about(first.name)


def _clock(home: Home, stamps: list[Timestamp]) -> Component:
    if not stamps:
        return Component.of("clock", "not_asked")
    apart = abs(home.clock.now() - stamps[-1].gen_time)
    code = "agrees" if apart <= TOLERANCE else "differs"
    return Component.of("clock", code, seconds=round(apart.total_seconds()))


def _disk(home: Home) -> Component:
    usage = shutil.disk_usage(home.folder)
    share = usage.free / usage.total
    code = "full" if share < FULL else "low" if share < LOW else "room"
    return Component.of("disk", code, free=_size(usage.free), total=_size(usage.total))


def _use(home: Home) -> Component:
    with home.catalog.read() as session:
        sizes = select(func.count(), func.coalesce(func.sum(DocumentRow.size), 0))
        documents, size = session.execute(sizes).one()
    return Component.of("use", "holds", documents=documents, size=_size(int(size)))


def _outbox(home: Home) -> Component:
    with home.catalog.read() as session:
        # the texts that are to be read are counted with the index
        mine = select(func.count()).where(
            OutboxRow.facility == home.code, OutboxRow.topic != "text"
        )
        count = session.execute(mine).scalar_one()
    code = "backlog" if count > MANY_WAIT else "waits" if count else "empty"
    return Component.of("outbox", code, count=count)


def _check(home: Home) -> Component:
    last = last_check(home)
    if last is None:
        return Component.of("check", "never")
    shown = for_people(last.at)
    if last.codes:
        return Component.of("check", "faults", time=shown, codes=", ".join(last.codes))
    old = home.clock.now() - last.at > timedelta(days=CHECK_DAYS)
    return Component.of("check", "old" if old else "sound", time=shown, days=CHECK_DAYS)


def _day(moment: datetime) -> str:
    return f"{vietnam_date(moment):%d/%m/%Y}"


def _size(size: int) -> str:
    return f"{size / (1 << 30):.1f} GiB"
