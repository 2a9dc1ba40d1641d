"""The catalogue of forms: how long it loads, how long a filled paper renders, what that holds in
memory.

Each is measured in a process of its own, in processor time.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from time import process_time
from typing import Any

from bench.context import Context
from bench.programs import median
from bench.report import Figure

_PAGES = 3


def measure(context: Context) -> Iterator[Figure]:
    """Yield the load of all forms, the paper of three pages, and the memory of one who drew all."""
    times = context.pick(3, 7)
    run("load")  # keeps them compiled
    yield Figure("forms-load", median([run("load")["seconds"] for _ in range(times)]))
    yield Figure("forms-read", median([run("read")["seconds"] for _ in range(times)]))
    drawn = run("draw", str(times))
    slowest = max(drawn["papers"], key=lambda code: drawn["papers"][code])
    took = drawn["papers"][slowest] * 1000
    note = (
        f"{len(drawn['papers'])} forms have {_PAGES} pages; 01/BV1 {drawn['first'] * 1000:.0f} ms"
    )
    yield Figure("forms-paper", took, f"{took:.0f} ms", note=f"slowest: {slowest}; {note}")
    yield Figure("forms-memory", drawn["megabytes"], f"{drawn['megabytes']:.0f} MB")


def run(*command: str) -> dict[str, Any]:
    """Return what this module says as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", __name__, *command],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _load() -> dict[str, Any]:
    from ingest.forms.catalog import FormCatalog

    started = process_time()
    FormCatalog.load()
    return {"seconds": process_time() - started}


def _read() -> dict[str, Any]:
    from ingest.forms import definition

    folder = Path(definition.__file__).parent
    started = process_time()
    for path in sorted(folder.glob("*/form.yaml")):
        definition.read_form(path)
    return {"seconds": process_time() - started}


def _draw(times: int) -> dict[str, Any]:
    import io
    import resource

    import pikepdf

    from ingest.forms.catalog import FormCatalog
    from ingest.forms.samples import sample
    from ingest.render.typst_renderer import Renderer

    catalog, renderer = FormCatalog.load(), Renderer()
    papers: dict[str, float] = {}
    for form in catalog.newest():
        jobs = _jobs(form, sample(form))
        with pikepdf.open(io.BytesIO(renderer.render(next(jobs)))) as pdf:
            pages = len(pdf.pages)
        if pages == _PAGES and form.accepts_json:
            papers[form.code] = median([_timed(renderer, job) for job in islice(jobs, times)])
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    first = _jobs(catalog.get("01/BV1"), None)
    renderer.render(next(first))
    took = median([_timed(renderer, job) for job in islice(first, times)])
    return {"papers": papers, "first": took, "megabytes": megabytes}


def _jobs(form: Any, data: Any) -> Iterator[Any]:
    """Yield jobs of the form's example, or of its blank sheet; each has another QR code."""
    from dataclasses import replace
    from datetime import UTC, datetime

    from archive.base.identifiers import FacilityCode
    from ingest.render.job import FacilityFace
    from ingest.render.preview import SAMPLE_CHART, SAMPLE_PERSON, preview_job

    face = FacilityFace(FacilityCode("01TST"), "Bệnh viện Thí Dụ", "Sở Y tế Thí Dụ", "Thí Dụ")
    job = preview_job(form, None, face, datetime(2026, 11, 22, tzinfo=UTC))
    if data is not None:
        job = replace(job, data=data, blank=False, patient=SAMPLE_PERSON, chart=SAMPLE_CHART)
    number = 0
    while True:
        number += 1
        yield replace(job, verify_uri=f"https://kho.example/{number}", preview=False)


def _timed(renderer: Any, job: Any) -> float:
    started = process_time()
    renderer.render(job)
    return process_time() - started


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["load"]:
            said = _load()
        case ["read"]:
            said = _read()
        case ["draw", count]:
            said = _draw(int(count))
    sys.stdout.write(json.dumps(said))
