"""A row that may be there already is written in one statement, also by two who do so at once."""

import threading
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from archive.catalog.operations import ObservationRow
from archive.catalog.upsert import upsert
from tests.archive.conftest import NOON, Ground


def seen(version: str, day: int) -> dict[str, object]:
    at = NOON + timedelta(days=day)
    return {
        "object_key": "k", "object_version": version, "lock_mode": "COMPLIANCE",
        "retain_until": at, "observed_at": at,
    }  # fmt: skip


def known(ground: Ground) -> Sequence[tuple[str, object]]:
    with ground.catalog.read() as session:
        return [
            (row.object_version, row.retain_until)
            for row in session.scalars(
                select(ObservationRow).order_by(ObservationRow.object_version)
            )
        ]


def test_what_is_new_is_inserted_and_what_is_there_replaced(ground: Ground) -> None:
    with ground.catalog.write() as session:
        upsert(session, ObservationRow, [seen("1", 0)])
    with ground.catalog.write() as session:
        upsert(session, ObservationRow, [seen("2", 1), seen("1", 2)])
        upsert(session, ObservationRow, [])
    assert known(ground) == [("1", NOON + timedelta(days=2)), ("2", NOON + timedelta(days=1))]


def test_two_writers_of_the_same_rows_both_succeed(ground: Ground) -> None:
    failed: list[BaseException] = []

    def write(day: int) -> None:
        try:
            for turn in range(10):
                rows = [seen(str(number), day) for number in range(4)]
                with ground.catalog.write() as session:
                    upsert(session, ObservationRow, rows if (turn + day) % 2 else rows[::-1])
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test shows it
            failed.append(error)

    threads = [threading.Thread(target=write, args=(day,)) for day in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(known(ground)) == 4
