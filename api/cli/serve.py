"""`kho serve`: the pages and the API in one process,
with the work that follows acts beside them.
"""

from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import click

from api.cli.context import Caller, command_options

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
        # The server need not wait for it: it is a page's conversion, half a second.
        Thread(target=_try_programs, args=(caller, home.folder), daemon=True).start()
        _ask_witnesses(caller, home)
        serve(
            home,
            host or home.settings.web.host,
            home.settings.web.port if port is None else port,
            caller.say,
        )
    return 0


def _try_programs(caller: Caller, folder: Path) -> None:
    """Say it where the Ghostscript of this machine corrupts text."""
    from archive.files.working_folders import WorkingFolders
    from ingest.files.converting import Converter
    from ingest.files.ghostscript_trial import try_ghostscript

    trial = try_ghostscript(Converter(WorkingFolders(folder / "workshop")))
    if trial is not None and trial.warning is not None:
        click.echo(f"! {trial.warning.to(caller.language)}", err=True)


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
