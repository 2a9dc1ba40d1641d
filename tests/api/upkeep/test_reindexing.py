"""The index alone is made again: beside the one that serves, and a kill loses nothing."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from api.home import Home
from api.upkeep.reindexing import reindex
from api.upkeep.status.asking import status
from search.query import parse
from tests.fixtures.home import CLERK, chart, kho, paper, take
from tests.repo.tree import ROOT


def matches(home: Home, typed: str) -> int:
    return home.open_for_reading().search.answer(parse(typed), CLERK, home.scope).total


def test_both_steps_say_how_far_they_are(fresh_home: Callable[[], Home]) -> None:
    home = fresh_home()
    take(home, chart(1, papers=[paper("1", "Hen phế quản")]), chart(2))
    steps: list[tuple[str, int, int]] = []
    done = reindex(home, again=True, progress=lambda *step: steps.append(step))
    assert (done.documents, done.charts_read) == (2, 2)
    assert steps[0] == ("index", 2, 2)
    assert ("text", 0, 2) in steps
    assert matches(home, "hen") == 1
    kept = reindex(home, again=False, progress=lambda *_: None)
    assert (kept.documents, kept.charts_read) == (2, 0)
    assert matches(home, "hen") == 1


def test_the_command_answers_and_the_status_says_what_is_unread(
    home_folder: Path,
) -> None:
    with Home.open(home_folder) as home:
        take(home, chart(1, papers=[paper("1", "Hen phế quản")]))
        home.follow_ups.indexing.rebuild_index(again=True)
        index = next(each for each in status(home)["components"] if each["name"] == "index")
        assert "kho reindex" in index["remedy"]["vi"]
        assert index["state"] == "ok"
    answer = kho(home_folder, "reindex", "--again", "--json")
    assert json.loads(answer.stdout) == {"documents": 1, "charts_read": 1, "charts_unread": 0}
    with Home.open(home_folder) as home:
        index = next(each for each in status(home)["components"] if each["name"] == "index")
        assert not index["remedy"]
        assert matches(home, "hen") == 1


_KILLED = """
import os, signal, sys
from pathlib import Path
from api.home import Home
from api.upkeep.reindexing import reindex
def stop(step, done, of):
    if step == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
with Home.open(Path(sys.argv[1])) as home:
    reindex(home, again=True, progress=stop)
"""


@pytest.mark.parametrize("step", ["index", "text"])
def test_a_kill_in_either_step_loses_nothing(home_folder: Path, step: str) -> None:
    with Home.open(home_folder) as home:
        take(home, chart(1, papers=[paper("1", "Hen phế quản")]), chart(2))
    command = [sys.executable, "-c", _KILLED, str(home_folder), step]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
    with Home.open(home_folder) as home:
        assert matches(home, "hen") == (
            1 if step == "index" else 0
        )  # the old index, or the new one
        assert matches(home, "viêm phổi") == 2
        reindex(home, again=False, progress=lambda *_: None)
        assert matches(home, "hen") == 1
        assert len(list((home_folder / "index").glob("segments*"))) == 1
