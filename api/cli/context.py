"""What every command shares: the home, the form of answers, the actor,
and how errors are reported.
"""

import contextlib
import errno
import functools
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from api.cli.owner import name_of, require_owner
from api.cli.streams import OutputLost, silence, write_out
from api.error_answers import exit_code
from archive.access.actor import Actor
from archive.base.bilingual import Language, Text
from archive.base.errors import KhoError, SubmissionRejected, Unavailable
from archive.base.printable import escaped, on_one_line
from archive.process.recorded import recorded

if TYPE_CHECKING:
    from api.home import Home
    from api.stop import Stop
    from signing.trust import TrustRoots

_DISK_REFUSES = (errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO)

F = TypeVar("F", bound=Callable[..., Any])


class Caller:
    """One call of a command: its home, the form of its answers, and its language."""

    def __init__(self, home: Path, as_json: bool, language: Language) -> None:
        self.folder, self.as_json, self.language = home, as_json, language

    def open(self) -> "Home":
        """Open the home; use it in a `with`."""
        from api.home import Home

        return Home.open(self.folder)

    @property
    def actor(self) -> Actor:
        """The system's account of this process, which is the records clerk of an embedded home."""
        return Actor(name=name_of(os.getuid()), role="clerk")

    def stopping(self) -> "Stop":
        """Return a flag that SIGTERM and SIGINT set: long work then ends in order.

        A second signal ends it at once.
        """
        from api.stop import Stop

        stop = Stop()

        def asked(number: int, _: object) -> None:
            stop.ask()
            signal.signal(number, signal.SIG_DFL)

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, asked)
        return stop

    def answer(self, value: Any) -> None:
        """Print one JSON document on standard output, at once; nothing without `--json`.

        Raises OutputLost.
        """
        if self.as_json:
            write_out(escaped(json.dumps(value, ensure_ascii=False)) + "\n")

    def say(self, text: str | Text = "") -> None:
        """Print one line for people: on standard error beside JSON, else on standard output.

        Raises OutputLost.

        Whatever the text quotes (a file's name, a certificate, another facility's packet), it stays
        one line.
        """
        line = on_one_line(text if isinstance(text, str) else text.to(self.language))
        if self.as_json:
            click.echo(line, err=True)
        else:
            write_out(line + "\n")

    def progress(self, text: str) -> None:
        """Show the progress of long work, on a terminal only; the next call overwrites the line."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{on_one_line(text)}")
            sys.stderr.flush()

    def progress_done(self) -> None:
        """Clear the progress line."""
        self.progress("")

    def fail(self, error: KhoError, more: str = "") -> int:
        """Answer with an error, print its sentences, `more` and its faults for people, and return
        its exit code.
        """
        self.progress_done()
        error.recorded = recorded()
        # the sentences and the exit code still report it
        with contextlib.suppress(OutputLost, BrokenPipeError):
            self.answer({"error": error.as_json()})
        click.echo(on_one_line(error.explain(self.language) + more), err=True)
        for fault in error.faults if isinstance(error, SubmissionRejected) else ():
            line = f"✗ {fault.path}: {fault.message.to(self.language)}"
            click.echo(on_one_line(line), err=True)
        return exit_code(error)


def _explained(error: Exception, home: Path) -> KhoError:
    """Return the KhoError to report for an unexpected error; an error of the system names the place
    that failed.
    """
    if not isinstance(error, OSError) or error.errno is None:
        return KhoError()
    why = os.strerror(error.errno)
    if error.filename is not None:
        return Unavailable(component=os.fsdecode(error.filename), why=why)
    if error.errno in _DISK_REFUSES:
        return Unavailable(component=str(_full(home)), why=why)
    return KhoError()


def _full(home: Path) -> Path:
    """Return the place that has no room left: the home, or the folder for temporary files; else the
    home.
    """
    for place in (home, Path(os.environ.get("TMPDIR", "/tmp"))):  # noqa: S108 - only asked for its room
        with contextlib.suppress(OSError):
            if os.statvfs(place).f_bavail == 0:
                return place
    return home


def _log_fault(error: BaseException) -> None:
    """Log where `error` came from, for the developer: types and places only, because its text may
    quote a patient.
    """
    import structlog

    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    structlog.get_logger(__name__).debug(
        "command.failed",
        causes=[type(cause).__name__ for cause in causes],
        at=[
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ],
    )


def trusted(home: "Home", file: Path | None) -> "TrustRoots":
    """Return the anchors of `--trust`; without it the home's own; in an empty home none."""
    from signing.trust import TrustRoots

    if file is not None:
        return TrustRoots.from_files(file)
    return home.trust if home.has_archive else TrustRoots([])


def command_options(function: F) -> F:
    """Give a command `--home`, `--json` and `--lang`, and turn errors into sentences and exit
    codes.
    """

    @click.option(
        "--home",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="KHO_HOME",
        default=Path("kho-home"),
        show_default=True,
        help="Thư mục của kho / the archive's home.",
    )
    @click.option("--json", "as_json", is_flag=True, help="Trả lời bằng JSON / answer in JSON.")
    @click.option(
        "--lang",
        type=click.Choice(["vi", "en"]),
        envvar="KHO_LANG",
        default="vi",
        help="Ngôn ngữ / language.",
    )
    @functools.wraps(function)
    def called(*args: Any, home: Path, as_json: bool, lang: Language, **kwargs: Any) -> None:
        from archive.process.log import configure_logging

        caller = Caller(home, as_json, lang)
        try:
            configure_logging(
                os.environ.get("KHO_LOG_LEVEL", "warning"), json=not sys.stderr.isatty()
            )
            source = click.get_current_context().get_parameter_source("home")
            require_owner(home, named=source is not ParameterSource.DEFAULT)
            code = function(caller, *args, **kwargs)
        except KhoError as error:
            code = caller.fail(error)
        except BrokenPipeError:  # the reader of stdout has gone; what was acknowledged is archived
            silence()
            code = 1
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise  # Click has its own words for these
        except Exception as error:  # noqa: BLE001 - the last handler: a fault of ours is answered without its text
            _log_fault(error)
            code = caller.fail(_explained(error, home), f" ({type(error).__name__})")
        sys.exit(code or 0)

    return called  # type: ignore[return-value]
