"""Retrieval of a signed original through the API, beside a plain GET of the same bytes from the
same HTTP server.
"""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from api.access.api_keys import ApiKeys
from api.home import Home
from api.writing.intake import Intake
from bench.context import CLERK, Context
from bench.ours.sealing import sealer
from bench.papers import chart, job
from bench.programs import median, percentile
from bench.report import Figure
from bench.rows.starting import KHO
from ingest.render.job import Attachment
from ingest.render.typst_renderer import Renderer

SMALL, LARGE = 100_000, 20_000_000
Get = tuple[int, str, dict[str, str]]  # port, path, headers


def measure(context: Context) -> Iterator[Figure]:
    """Yield what retrieval adds at 100 kB, and its throughput at 20 MB."""
    with context.home("retrieval") as folder:
        small, large, secret = _archive(context, folder)
        plain = context.folder / "plain"
        plain.mkdir()
        for name, document in (("small.pdf", small), ("large.pdf", large)):
            (plain / name).write_bytes(
                next((folder / "vault").rglob(f"{document}/*.pdf")).read_bytes()
            )
        with _serving(folder) as ours, _plain(plain) as peer:
            headers = {"Authorization": f"Bearer {secret}"}
            pairs: list[tuple[Get, Get]] = [
                ((ours, f"/api/v1/documents/{document}/original", headers), (peer, f"/{name}", {}))
                for name, document in (("small.pdf", small), ("large.pdf", large))
            ]
            quick = _in_turns(*pairs[0], context.pick(150, 1000))
            heavy = _in_turns(*pairs[1], context.pick(6, 30))
    p95 = [percentile(times, 0.95) * 1000 for times in quick]
    p50 = [percentile(times, 0.5) * 1000 for times in quick]
    yield Figure(
        "retrieval-added",
        p95[0] - p95[1],
        f"{p95[0]:.1f} ms",
        f"{p95[1]:.1f} ms",
        f"medians {p50[0]:.1f} and {p50[1]:.1f} ms; looks are not recorded yet, so that is not "
        "in it",
    )
    rates = [LARGE / 1e6 / median(times) for times in heavy]
    yield Figure(
        "retrieval-throughput", rates[0] / rates[1], f"{rates[0]:.0f} MB/s", f"{rates[1]:.0f} MB/s"
    )


def _archive(context: Context, folder: Path) -> tuple[str, str, str]:
    """Archive a paper of about 100 kB and a file of about 20 MB that came sealed; return their ids,
    and an API key.
    """
    with Home.open(folder) as home:
        _, secret = ApiKeys(home.catalog, home.code, home.clock).create(
            "bench", "clerk", datetime.now(UTC) + timedelta(days=1)
        )
        intake = Intake(home.open_for_writing(), CLERK, home.scope)
        (paper,) = intake.take("bench.json", chart(1))
        ballast = Attachment(
            "ballast.bin", "application/octet-stream", os.urandom(LARGE), "supplement", "Bench"
        )
        rendered = Renderer().render(replace(job(), attachments=(ballast,)))
        sealed = sealer(*map(str, context.seal)).seal(rendered, claimed_at=datetime.now(UTC)).data
        record = json.loads(chart(2))
        record["papers"] = [{"form": "KHAC", "key": "1", "file": {"name": "large.pdf"}}]
        (file,) = intake.take("large.json", json.dumps(record).encode(), {"large.pdf": sealed})
        home.follow_ups.run()
        assert file.receipts, file.faults
        return paper.receipts[0].document_id, file.receipts[0].document_id, secret


def _in_turns(ours: Get, peer: Get, count: int) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    connections = [
        http.client.HTTPConnection("127.0.0.1", address[0], timeout=60) for address in (ours, peer)
    ]
    for number in range(count + 3):
        for side, (connection, (_, path, headers)) in enumerate(
            zip(connections, (ours, peer), strict=True)
        ):
            started = time.perf_counter()
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            taken = time.perf_counter() - started
            assert answer.status == 200, body[:300]
            if number >= 3:  # after the first few everything is warm
                times[side].append(taken)
    for connection in connections:
        connection.close()
    return times


@contextmanager
def _serving(home: Path) -> Iterator[int]:
    command = [str(KHO), "serve", "--home", str(home), "--port", "0"]
    with _process(command, {"KHO_WORK__PROCESSES": "1"}) as line:
        yield int(line.partition("http://127.0.0.1:")[2].split()[0])


@contextmanager
def _plain(folder: Path) -> Iterator[int]:
    with _process([sys.executable, "-m", "bench.peers.serving", str(folder)], {}) as line:
        yield int(line)


@contextmanager
def _process(command: list[str], environment: dict[str, str]) -> Iterator[str]:
    """Run `command`, and give the first line that it prints."""
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **environment},
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline()
        finally:
            process.terminate()
            process.wait(30)
