"""What a case is given: wires in several names, a place of its own, and the store's time."""

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from xml.sax.saxutils import escape

from archive.base.identifiers import ObjectKey, new_id
from archive.conformance.case import Broken, NotTried
from archive.conformance.wire import AccessKey, Address, Answer, Wire
from archive.vault.s3_listing import Page, read_page

PREFIX = "kho-trial/"
LOCK = timedelta(minutes=5)  # of what is attacked and swept up by a later run
SHORT = timedelta(seconds=8)  # of what is watched until its lock has ended
# stores keep whole seconds: so long after its end a lock is over everywhere
AFTER = timedelta(seconds=1.5)
BODY = b"Kho trial: this object is no document.\n"
BYPASS = {"x-amz-bypass-governance-retention": "true"}
_LOCK_HEADERS = ("x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date")


@dataclass(frozen=True, slots=True)
class Hands:
    """Control of the store's own process and disk, which few runs have. What is None is not tried.

    `restart` kills the process and starts it again. `flip` stops the store, changes one byte on its
    disk wherever the given bytes occur, and returns how many places it found. `syncs` does some
    work and returns how often the process synced a file meanwhile.
    """

    restart: Callable[[], None] | None = None
    flip: Callable[[bytes], int] | None = None
    syncs: Callable[[Callable[[], object]], int] | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The store on trial: where it is, whose keys are tried, and its two buckets.

    One bucket is the archive's, the other is for the trials.

    `doors` are addresses beside the S3 one where the store may listen; `filer_conf` is what
    SeaweedFS's `fs.configure` printed.
    """

    address: Address
    kho: AccessKey
    admin: AccessKey
    bucket: str
    trial_bucket: str
    stranger: AccessKey | None = None
    doors: tuple[str, ...] = ()
    filer_conf: Path | None = None
    hands: Hands = Hands()


@dataclass
class Trial:
    """One case's hands on the store."""

    subject: Subject
    kho: Wire
    admin: Wire
    anonymous: Wire
    stranger: Wire | None
    case: str
    run: str = field(default_factory=lambda: str(new_id()))
    offset: timedelta = timedelta()  # the store's clock minus ours
    notes: list[str] = field(default_factory=list)
    left: list[tuple[str, str]] = field(
        default_factory=list
    )  # (path, version) under GOVERNANCE, to take away at the end

    @property
    def bucket(self) -> str:
        """The bucket for trials."""
        return self.subject.trial_bucket

    def path(self, name: str = "object") -> str:
        """Return `bucket/key` of an object of this case alone."""
        return f"{self.bucket}/{self.prefix}{name}"

    @property
    def prefix(self) -> str:
        """What all keys of this case begin with."""
        return f"{PREFIX}{self.run}/{self.case}/"

    def now(self) -> datetime:
        """Return the store's time."""
        return datetime.now(UTC) + self.offset

    def until(self, length: timedelta = LOCK) -> datetime:
        """Return the end of a lock that begins now, in whole seconds."""
        return self.now().replace(microsecond=0) + length + timedelta(seconds=1)

    def ours(self, moment: datetime) -> datetime:
        """Return, by our own clock, when something of the store's clock is surely over."""
        return moment - self.offset + AFTER

    def note(self, what: object) -> None:
        """Keep a few words of evidence."""
        if str(what) not in self.notes:
            self.notes.append(str(what))

    # --- what most cases do
    # ----------------------------------------------------------------------------------------------

    def put(
        self,
        path: str,
        body: bytes = BODY,
        until: datetime | None = None,
        mode: str = "COMPLIANCE",
        headers: Mapping[str, str] | None = None,
        by: Wire | None = None,
    ) -> str:
        """Store a version as Kho does, under a lock where `until` is given, and return its id.

        Raises Broken.
        """
        answer = (by or self.kho).send(
            "PUT", path, body, headers={**self.as_kho(body, until, mode), **(headers or {})}
        )
        if not answer.ok or answer.version in ("", "null"):
            raise Broken(f"PUT: {answer}, version {answer.version or 'none'}")
        return answer.version

    def as_kho(
        self, body: bytes, until: datetime | None = None, mode: str = "COMPLIANCE"
    ) -> dict[str, str]:
        """Return the headers that Kho sends with a PUT."""
        headers = {"Content-Type": "text/plain", "x-amz-checksum-sha256": digest(body)}
        return headers | (lock_headers(mode, until) if until else {})

    def lock_of(self, path: str, version: str) -> tuple[str, datetime | None]:
        """Return mode and end of a version's lock (GetObjectRetention).

        It is `("", None)` where the store states none.
        """
        answer = self.admin.send("GET", path, query={"retention": "", "versionId": version})
        if not answer.ok:
            return "", None
        return read_lock(
            answer.xml().findtext("{*}Mode"), answer.xml().findtext("{*}RetainUntilDate")
        )

    def stated_lock(self, path: str, version: str) -> tuple[str, datetime | None]:
        """Return the lock that a HEAD by Kho's key states, which is where Kho looks.

        Raises Broken where none is.
        """
        answer = self.kho.send("HEAD", path, query={"versionId": version})
        if not answer.ok:
            raise Broken(f"HEAD: {answer}")
        return read_lock(*(answer.headers.get(name) for name in _LOCK_HEADERS))

    def is_held(self, path: str, version: str) -> bool:
        """Tell whether the store states a hold on a version (GetObjectLegalHold)."""
        answer = self.admin.send("GET", path, query={"legal-hold": "", "versionId": version})
        return answer.ok and answer.xml().findtext("{*}Status") == "ON"

    def must_stand(
        self, path: str, version: str, body: bytes = BODY, until: datetime | None = None
    ) -> None:
        """Raise Broken unless the version is there, whole, and under a COMPLIANCE lock to `until`.

        Without `until`, the lock is not checked.
        """
        answer = self.admin.send("GET", path, query={"versionId": version})
        if not answer.ok or answer.body != body:
            raise Broken(f"the version is {'not whole' if answer.ok else 'gone'} (GET: {answer})")
        if until is not None:
            mode, end = self.lock_of(path, version)
            if (mode, end) != ("COMPLIANCE", until):
                raise Broken(
                    "the lock became "
                    f"{mode or 'none'}{'' if end in (None, until) else ', another end'}"
                )

    def must_be_gone(self, path: str, version: str) -> None:
        """Raise Broken if the version is still there."""
        answer = self.kho.send("GET", path, query={"versionId": version})
        if answer.ok:
            raise Broken("the version is still there")

    def must_refuse(self, answer: Answer, what: str) -> None:
        """Raise Broken unless the store refused; the evidence is its word for it."""
        if not 400 <= answer.status < 500:
            raise Broken(f"{what}: {answer}")
        self.note(answer)

    def set_lock(
        self,
        path: str,
        version: str,
        mode: str,
        until: datetime,
        by: Wire | None = None,
        *,
        bypass: bool = False,
    ) -> Answer:
        """Ask for another lock of a version (PutObjectRetention)."""
        end = f"<RetainUntilDate>{stamp(until)}</RetainUntilDate>"
        body = f"<Retention><Mode>{mode}</Mode>{end}</Retention>"
        return (by or self.kho).send(
            "PUT",
            path,
            body.encode(),
            query={"retention": "", "versionId": version},
            headers={**md5(body.encode()), **(BYPASS if bypass else {})},
        )

    def set_hold(self, path: str, version: str, status: str) -> Answer:
        """Put a hold on a version, or take it off (PutObjectLegalHold: `ON`, `OFF`)."""
        body = f"<LegalHold><Status>{status}</Status></LegalHold>".encode()
        return self.admin.send(
            "PUT", path, body, query={"legal-hold": "", "versionId": version}, headers=md5(body)
        )

    def delete(
        self, path: str, version: str, by: Wire | None = None, *, bypass: bool = False
    ) -> Answer:
        """Ask for a version to be deleted for good."""
        return (by or self.admin).send(
            "DELETE", path, query={"versionId": version}, headers=BYPASS if bypass else None
        )

    def must_keep(self, path: str, version: str, body: bytes = BODY) -> None:
        """Attack a version by every DELETE that Kho's key and an administrator's can send.

        Raises Broken.
        """
        for who, wire in (("Kho", self.kho), ("administrator", self.admin)):
            for bypass in (False, True):
                answer = self.delete(path, version, wire, bypass=bypass)
                if not 400 <= answer.status < 500:
                    raise Broken(f"DELETE by {who}{', bypass' if bypass else ''}: {answer}")
                self.note(answer)
        self.must_stand(path, version, body)

    def page(self, prefix: str, markers: Mapping[str, str] | None = None, size: int = 1000) -> Page:
        """Return one page of ListObjectVersions; raises Broken for what is no listing."""
        query = {
            "versions": "",
            "prefix": prefix,
            "max-keys": str(size),
            "encoding-type": "url",
            **(markers or {}),
        }
        answer = self.kho.send("GET", self.bucket, query=query)
        try:
            return read_page(answer.body if answer.ok else b"")
        except ValueError as wrong:
            raise Broken(f"LIST: {answer}, {wrong}") from wrong

    def versions(self, name: str = "object") -> list[str]:
        """Return the ids of the versions under a name of this case."""
        key = ObjectKey(self.path(name).partition("/")[2])
        return [each.version for each in self.page(key).versions if each.key == key]

    def need(self, thing: object, name: str) -> None:
        """Raise NotTried where this run does not have `thing`."""
        if thing is None:
            raise NotTried(name)

    def wait_until_back(self, seconds: float = 60.0) -> None:
        """Wait until the store answers again after a restart; raises Broken if it does not."""
        from archive.vault.contract import VaultUnreachable

        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if self.kho.send("HEAD", self.bucket).status < 500:
                    return
            except VaultUnreachable:
                pass  # not yet
            time.sleep(0.2)
        raise Broken(f"no answer {seconds:.0f} s after the restart")


def lock_headers(mode: str, until: datetime) -> dict[str, str]:
    """Return the headers that put a new version under a lock."""
    return {_LOCK_HEADERS[0]: mode, _LOCK_HEADERS[1]: stamp(until)}


def read_lock(mode: str | None, until: str | None) -> tuple[str, datetime | None]:
    """Return a lock's mode and end as a store wrote them.

    Raises Broken for an end that is no time.
    """
    try:
        return mode or "", datetime.fromisoformat(until).astimezone(UTC) if until else None
    except ValueError as wrong:
        raise Broken("the end of the lock is no time") from wrong


def stamp(moment: datetime) -> str:
    """Return a time as S3 writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def digest(body: bytes) -> str:
    """Return the value of `x-amz-checksum-sha256`."""
    return base64.b64encode(sha256(body).digest()).decode()


def md5(body: bytes) -> dict[str, str]:
    """Return the `Content-MD5` that S3 wants with its XML requests."""
    from hashlib import md5 as compute

    return {"Content-MD5": base64.b64encode(compute(body, usedforsecurity=False).digest()).decode()}


def deletion(keys: Mapping[str, str]) -> bytes:
    """Return the XML of a multi-object delete of `{key: version}`."""
    objects = "".join(
        f"<Object><Key>{escape(key)}</Key><VersionId>{escape(version)}</VersionId></Object>"
        for key, version in keys.items()
    )
    return f"<Delete>{objects}</Delete>".encode()


def clock_offset(wire: Wire, bucket: str) -> timedelta:
    """Return the store's clock minus ours, to a second, by the `Date` of an answer.

    It is zero where the answer gives none.

    The store wrote `Date` (RFC 9110, 6.6.1: whole seconds) between our question and its answer. So
    the difference lies in a range, however slow the answer was. It is zero where the range, widened
    by two seconds, holds zero.
    """
    asked = datetime.now(UTC)
    answer = wire.send("HEAD", bucket)
    answered = datetime.now(UTC)
    stated = answer.headers.get("date")
    if not stated:
        return timedelta()
    date = parsedate_to_datetime(stated).astimezone(UTC)
    least, most, tolerance = (
        date - answered,
        date + timedelta(seconds=1) - asked,
        timedelta(seconds=2),
    )
    return timedelta() if least - tolerance <= timedelta() <= most + tolerance else least
