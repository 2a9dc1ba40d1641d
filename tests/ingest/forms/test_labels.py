"""The papers with a layout after an official template carry its labels, in its order."""

from pathlib import Path

import pytest
import yaml

from ingest.forms.model import Layout
from ingest.render.typst_renderer import Renderer
from tests.ingest.render.papers import BARE_CHART, CATALOG, UNNAMED, job, minimal
from tests.ingest.render.reading import pages, squeezed

FOLDER = Path(__file__).parent / "labels"
# every form whose labels are there
FORMS = {
    f"{path.stem[:2]}/{path.stem[3:]}": path.stem for path in sorted(FOLDER.glob("[0-9]*.txt"))
}


def labels_of(name: str) -> list[str]:
    lines = (FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def longest_in_order(labels: list[str], text: str) -> list[int]:
    """Return the places in `labels` of the longest run that occurs in `text` one
    after the other.
    """
    # by length of the run: where it can end at the earliest
    ends: list[tuple[int, list[int]]] = [(0, [])]
    for place, label in enumerate(labels):
        for length in range(len(ends) - 1, -1, -1):
            end, run = ends[length]
            at = text.find(label, end)
            if at < 0:
                continue
            reached = at + len(label)
            if length + 1 == len(ends):
                ends.append((reached, [*run, place]))
            elif reached < ends[length + 1][0]:
                ends[length + 1] = (reached, [*run, place])
    return ends[-1][1]


@pytest.fixture(scope="module", params=sorted(FORMS))
def blank(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The form's name in `labels`, and the text of its paper with as little data as it takes."""
    form = CATALOG.get(request.param)
    pdf = Renderer().render(
        job(
            form.code,
            {} if form.layout is Layout.SHEET else minimal(form),
            patient=UNNAMED,
            chart=BARE_CHART,
            test=False,
            blank=True,
        )
    )
    return FORMS[request.param], squeezed("".join(pages(pdf)))


def test_at_least_98_percent_of_the_official_labels_stand_in_our_paper_in_order(
    blank: tuple[str, str],
) -> None:
    name, text = blank
    labels = labels_of(name)
    in_order = longest_in_order([squeezed(label) for label in labels], text)
    missed = [label for place, label in enumerate(labels) if place not in in_order]
    assert len(in_order) >= 0.98 * len(labels), f"not in order or not there: {missed}"
    excepted = {entry["label"] for entry in exceptions(name)["excepted"]}
    assert set(missed) <= excepted, "a label that is missing is listed with its reason"
    assert excepted <= set(missed), "an exception that no longer applies is removed"


def test_every_exception_has_a_reason_and_says_what_is_there_instead(
    blank: tuple[str, str],
) -> None:
    name, text = blank
    listed = exceptions(name)
    assert all(entry["why"] for entry in (*listed["excepted"], *listed["floating"]))
    assert all(squeezed(entry["ours"]) in text for entry in listed["excepted"])
    assert {entry[end] for entry in listed["floating"] for end in ("from", "to")} <= set(
        labels_of(name)
    )


def exceptions(name: str) -> dict[str, list[dict[str, str]]]:
    listed: dict[str, list[dict[str, str]]] = yaml.safe_load(
        (FOLDER / f"{name}.exceptions.yaml").read_text("utf-8")
    )
    return listed
