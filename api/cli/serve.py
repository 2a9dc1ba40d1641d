"""`kho serve`: the pages and the API in one process,
with the work that follows acts beside them.
"""

from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import click

from api.cli.context import Caller, command_options
from archive.base.errors import KhoError

if TYPE_CHECKING:
    from api.home import Home


@click.command("serve")
@click.option("--host", help="Địa chỉ nghe / address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="Cổng / port.")
@command_options
def command(caller: Caller, host: str | None, port: int | None) -> int:
    """Mở trang web và API. Serve the pages and the API."""
    from api.composition.production import require_real
    from api.composition.store_record import require_proven_store
    from api.server import serve
    from archive.isolation.sandbox.weaknesses import weaknesses

    with caller.open() as home:
        if home.settings.production:
            home.catch_up()
            require_real(home.settings, home.signed)
            require_proven_store(home.settings, home.signed.keys().all, home.clock)
        for weakness in weaknesses():
            caller.say(f"! {weakness.name}: {weakness.what.to(caller.language)}")
        # The server need not wait for these: a page's conversion, and a question to each component.
        ended = Event()
        _beside(ended, lambda: _try_programs(caller, home.folder))
        _beside(ended, lambda: _ask_components(caller, home))
        _ask_witnesses(caller, home)
        try:
            serve(
                home,
                host or home.settings.web.host,
                home.settings.web.port if port is None else port,
                caller.say,
            )
        finally:
            ended.set()
    return 0


def _beside(ended: Event, work: Callable[[], None]) -> None:
    """Start `work` beside the server; when the server has `ended`, what it uses is closed."""

    def run() -> None:
        try:
            work()
        except Exception:  # when the server has ended, what it works with is closed under it
            if not ended.is_set():
                raise

    Thread(target=run, daemon=True).start()


def _try_programs(caller: Caller, folder: Path) -> None:
    """Say it where the Ghostscript of this machine corrupts text."""
    from archive.files.working_folders import WorkingFolders
    from ingest.files.converting import Converter
    from ingest.files.ghostscript_trial import try_ghostscript

    trial = try_ghostscript(Converter(WorkingFolders(folder / "workshop")))
    if trial is not None and trial.warning is not None:
        click.echo(f"! {trial.warning.to(caller.language)}", err=True)


def _ask_components(caller: Caller, home: "Home") -> None:
    """Say which components do not work, such as a key that does not open."""
    from api.upkeep.status.asking import ask_all
    from api.upkeep.status.component import State
    from api.upkeep.status.memory import with_since

    try:
        components = with_since(home, ask_all(home))
    except KhoError as error:
        click.echo(error.explain(caller.language), err=True)
        return
    for component in components:
        if component.state is State.FAULT:
            click.echo("\n".join(component.lines(caller.language)), err=True)


def _ask_witnesses(caller: Caller, home: "Home") -> None:
    """Compare with the witnesses.

    If one contradicts the history, Kho serves reading only and writes nothing.
    """
    from archive.witness.contract import HistoryContradicted

    if home.settings.witnesses:
        try:
            home.witnesses.require_uncontradicted()
        except HistoryContradicted as error:
            click.echo(error.explain(caller.language), err=True)
