"""Twenty people at the pages of a large archive: how long each page takes them.

The server is a real `kho serve` on its own core. Each person opens pages one after another, and
reads for about a second between two of them.
"""

import random
import re
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from api.home import Home
from api.upkeep.demo_accounts import demo_password
from api.writing.intake import Intake
from archive.base.departments import codes_of
from archive.catalog.rows import insert_rows
from archive.catalog.tables import ActRow, ChartDepartmentRow, ChartRow, DocumentRow, PatientRow
from bench.context import CLERK, OWN_CORE, Context
from bench.papers import chart
from bench.programs import percentile
from bench.report import Figure
from bench.rows.searching import entry
from bench.rows.starting import KHO
from search.contract import Entry

PEOPLE = 20
PAPERS = 5  # of each chart
READING = (0.5, 1.5)  # seconds between two pages of one person
_BATCH = 5000
_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def measure(context: Context) -> Iterator[Figure]:
    """Yield the p95 of the slowest page."""
    documents, seconds = context.pick(20_000, 100_000), context.pick(15, 60)
    with context.home("people") as folder:
        with Home.open(folder) as home:
            intake = Intake(home.open_for_writing(), CLERK, home.scope)
            results = [result for n in range(3) for result in intake.take("b", chart(n, PAPERS, 4))]
            home.follow_ups.run()
            grow(home, documents)
            real = [receipt for result in results for receipt in result.receipts]
            places = _Places(
                charts=[_chart_id(number) for number in range(documents // PAPERS)],
                documents=[receipt.document_id for receipt in real],
                account=demo_password(home),
            )
        with _serving(folder) as address:
            taken = _work(address, places, seconds)
    p95 = {page: percentile(times, 0.95) * 1000 for page, times in taken.items()}
    pages = ", ".join(f"{page} {value:.0f}" for page, value in sorted(p95.items()))
    asked = sum(map(len, taken.values())) / seconds
    yield Figure(
        "people",
        max(p95.values()),
        f"{max(p95.values()):.0f} ms",
        note=f"{PEOPLE} people, {documents} documents, {asked:.0f} pages a second; p95 in ms of "
        f"{pages}",
        details=p95,
    )


def grow(home: Home, documents: int) -> None:
    """Give catalogue and index `documents` more papers, without their objects.

    Nine charts of ten are deposited; every third of the others has its record.
    """
    chance, index = random.Random(1), home.follow_ups.indexing.index
    with home.catalog.read() as session:
        act = session.query(ActRow).order_by(ActRow.index.desc()).limit(1).one().index
    for start in range(0, documents, _BATCH):
        rows: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        entries = [entry(number, chance) for number in range(start, start + _BATCH)]
        for number, each in enumerate(entries, start):
            if number % PAPERS == 0:
                _add_chart(rows, each, number // PAPERS, home)
            rows[DocumentRow].append(_document(each, number, act, home))
        with home.catalog.write() as session:
            for table in (ChartRow, ChartDepartmentRow, PatientRow, DocumentRow):
                insert_rows(session, table, *rows[table])
        index.put(entries)
    index.release_writer()


def _chart_id(number: int) -> str:
    return f"01900000-0000-7000-9000-{number:012x}"


def _add_chart(
    rows: dict[Any, list[dict[str, Any]]], first: Entry, number: int, home: Home
) -> None:
    is_open = number % 10 == 0
    discharged = _DAY - timedelta(hours=number % 40_000)
    rows[ChartRow].append(
        {
            "id": _chart_id(number),
            "facility": home.code,
            "episode": f"GROWN{number:08}",
            "kind": "inpatient",
            "department": first.department,
            "admitted_at": discharged - timedelta(days=5),
            "discharged_at": discharged,
            "outcome": "improved",
            "diagnoses": [{"icd10": first.icd10[0], "text": first.diagnoses[0], "main": True}],
            "state": "open" if is_open else "deposited",
            "archive_number": None if is_open else f"BENCH-{number:08}",
            "deposited_at": None if is_open else discharged + timedelta(days=3),
            "retain_until": None if is_open else discharged + timedelta(days=3660),
            "rule": None if is_open else "inpatient",
            "opened_at": discharged,
        }
    )
    rows[ChartDepartmentRow] += [
        {"chart_id": _chart_id(number), "code": code, "facility": home.code}
        for code in codes_of(first.department)
    ]
    rows[PatientRow].append(
        {
            "chart_id": _chart_id(number),
            "local_id": first.identifiers[0],
            "name": first.patient_name,
            "birth_date": first.birth_date,
            "insurance_cards": [],
        }
    )


def _document(each: Entry, number: int, act: int, home: Home) -> dict[str, Any]:
    form = "01/BV1" if number % 15 == 0 else "36/BV2"
    return {
        "id": each.document_id,
        "facility": home.code,
        "chart_id": _chart_id(number // PAPERS),
        "form": form,
        "form_version": 1,
        "form_definition": "0" * 64,
        "title_vi": each.title,
        "title_en": each.title,
        "key": str(number % PAPERS),
        "content": f"{number:064x}",
        "sha256": f"{number:064x}",
        "size": 30_000,
        "object_key": f"{home.code}/grown/{number:012}.pdf",
        "origin": "rendered",
        "claimed_at": _DAY,
        "sealed_at": _DAY,
        "submission_id": f"grown-{number // PAPERS}",
        "act_index": act,
        "position": number % PAPERS,
    }


@dataclass(frozen=True, slots=True)
class _Places:
    """What people may open, and with which name and password."""

    charts: list[str]
    documents: list[str]
    account: tuple[str, str]


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    command = [KHO, "serve", "--home", folder, "--port", "0"]
    process = subprocess.Popen(
        ["taskset", "-c", str(OWN_CORE), *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield next(word for line in process.stdout for word in line.split() if "://" in word)
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def _work(address: str, places: _Places, seconds: float) -> dict[str, list[float]]:
    """Let the people work for `seconds`; return the seconds of each page, by its name."""
    people = [_Person(address, places, random.Random(number)) for number in range(PEOPLE)]
    for person in people:
        person.sign_in()
    end = time.monotonic() + seconds
    threads = [threading.Thread(target=person.work, args=(end,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken: dict[str, list[float]] = defaultdict(list)
    for person in people:
        if person.failed is not None:
            raise RuntimeError(f"a page failed: {person.failed}")
        for page, times in person.taken.items():
            taken[page] += times
    return taken


@dataclass
class _Person:
    """A browser of one person: a connection and a cookie."""

    address: str
    places: _Places
    chance: random.Random
    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: str | None = None
    cookie: str = ""

    def __post_init__(self) -> None:
        self._connection = HTTPConnection(urlsplit(self.address).netloc, timeout=60)

    def sign_in(self) -> None:
        """Sign in, as the demonstration's clerk."""
        name, password = self.places.account
        self._form("/sign-in", name=name, password=password)

    def work(self, end: float) -> None:
        """Open pages until `end` (monotonic seconds)."""
        try:
            while time.monotonic() < end:
                time.sleep(self.chance.uniform(*READING))
                page, address = self._choice()
                started = time.perf_counter()
                if page == "search":
                    self._form("/search", q=address)
                else:
                    self._get(address)
                self.taken[page].append(time.perf_counter() - started)
        except (OSError, RuntimeError) as error:
            self.failed = str(error)

    def _choice(self) -> tuple[str, str]:
        return self.chance.choice(
            [
                ("start", "/search"),
                ("search", self.chance.choice(["viêm phổi", "nguyễn hoa", "trần k03"])),
                ("charts", f"/charts?page={self.chance.randrange(1, 5)}"),
                ("charts lacking papers", "/charts?state=open&papers=missing"),
                ("chart", f"/charts/{self.chance.choice(self.places.charts)}"),
                ("document", f"/documents/{self.chance.choice(self.places.documents)}"),
            ]
        )

    def _form(self, address: str, **fields: str) -> None:
        token = _TOKEN.search(self._get(address))
        assert token is not None, address
        body = urlencode({"csrf_token": token[1], **fields})
        heads = {"Content-Type": "application/x-www-form-urlencoded", "Referer": self.address}
        self._ask("POST", address, body, heads)

    def _get(self, address: str) -> str:
        return self._ask("GET", address)

    def _ask(
        self,
        method: str,
        address: str,
        body: str | None = None,
        heads: dict[str, str] | None = None,
    ) -> str:
        self._connection.request(
            method, address, body, {**(heads or {}), "Cookie": self.cookie, "Accept-Language": "vi"}
        )
        answer = self._connection.getresponse()
        text = answer.read().decode()
        if (cookie := answer.headers.get("Set-Cookie")) is not None:
            self.cookie = cookie.partition(";")[0]
        if answer.status in (302, 303):
            return self._ask("GET", answer.headers["Location"])
        if answer.status != 200:
            raise RuntimeError(f"{method} {address} answered {answer.status}")
        return text
