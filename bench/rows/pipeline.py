"""From a form in JSON to a document that is found: Kho, and the straightforward pipeline, one core
each in turns.
"""

import json
from collections.abc import Iterator

from bench.context import OWN_CORE, Context
from bench.papers import as_plain_table
from bench.programs import Round, running, side_by_side
from bench.report import Figure
from bench.rows.sealing import figure

PAPERS = 20  # in a chart of the second kind, and charts that come in together


def measure(context: Context) -> Iterator[Figure]:
    """Yield the whole way for charts of one paper, alone and many together, and for charts of
    twenty.
    """
    try:
        import weasyprint  # noqa: F401 - is it there, with Pango?
    except (ImportError, OSError) as error:
        why = (
            f"WeasyPrint or Pango is missing ({type(error).__name__}): pip install kho[bench], "
            "apt-get install libpango"
        )
        names = ("pipeline", "pipeline-with-services", "pipeline-together", "pipeline-chart")
        yield from (Figure(name, None, note=why) for name in names)
        return
    paper, files = context.folder / "paper.json", context.folder / "straightforward"
    paper.write_text(json.dumps(as_plain_table(), ensure_ascii=False), encoding="utf-8")
    files.mkdir()
    cpu = context.services.cpu
    with (
        context.home("one") as single,
        context.home("many") as many,
        context.home("chart") as chart,
        running("bench.ours.pipeline", single, 1, 1, core=OWN_CORE, services_cpu=cpu) as ours,
        running(
            "bench.ours.pipeline", many, 1, PAPERS, core=OWN_CORE, services_cpu=cpu
        ) as ours_many,
        running(
            "bench.ours.pipeline", chart, PAPERS, 1, core=OWN_CORE, services_cpu=cpu
        ) as ours_chart,
        running(
            "bench.peers.pipeline", files, paper, *context.seal, core=OWN_CORE, services_cpu=cpu
        ) as peer,
    ):
        rounds = context.pick(4, 12)
        pairs = side_by_side(ours, peer, rounds, (8, 2))
        together = [
            (_each(mine), theirs) for mine, theirs in side_by_side(ours_many, peer, rounds, (1, 2))
        ]
        charts = [
            (_each(mine), theirs) for mine, theirs in side_by_side(ours_chart, peer, rounds, (1, 2))
        ]
    yield figure("pipeline", pairs, lambda single: single.without_services)
    yield figure("pipeline-with-services", pairs, lambda single: single.seconds)
    yield figure("pipeline-together", together, lambda single: single.without_services)
    yield figure("pipeline-chart", charts, lambda single: single.without_services)


def _each(twenty: Round) -> Round:
    """Return a round of twenty papers as one of papers."""
    return Round(twenty.seconds / PAPERS, twenty.own_cpu / PAPERS, twenty.services_cpu / PAPERS, 1)
