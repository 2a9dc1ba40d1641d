"""Several photographs that become one paper: shown in their order, which the person may change.

They wait in a file without a name until the person has decided, as packets do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from api.access.accounts import Account
from api.error_answers import http_status
from api.refusals.kept import Source
from api.web.language import language
from api.web.progress import FIRST_LOOK, still_running
from api.web.site import caller, site
from api.web.task_keys import task_key
from api.web.tasks import Task
from api.web.wording import say
from api.writing.bringing import BringingService, Scan
from api.writing.intake import Intake, Result
from archive.access.actor import Permission
from archive.base.errors import KhoError, NotFound
from archive.base.identifiers import sha256
from archive.base.printable import printable
from ingest.files.thumbnails import small_picture
from ingest.sources.photographs import Photograph, Photographs

pages = Blueprint("photographs", __name__, url_prefix="/bring-in/photographs")
KIND = "photographs"
_SIDE = 320  # dots of a picture on the page
_DIGITS = 4  # of a place that was typed


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person chose as one paper; `pictures`: None where a photograph cannot be read."""

    scan: Scan
    title: str
    names: tuple[str, ...]
    sizes: tuple[int, ...]
    pictures: tuple[bytes | None, ...]


def keep(account: Account, files: Mapping[str, bytes], scan: Scan, title: str) -> UUID:
    """Keep photographs for their person, and return the key of the page that shows them.

    The same again has the same key. Raises TasksBusy, NoRoom.
    """
    web, names = site(), tuple(files)
    sizes = tuple(map(len, files.values()))
    whole = b"".join(files.values())
    stated = repr((sha256(whole), scan, title, names, sizes))
    key = task_key(web.archive.facility.code, account.name, sha256(stated.encode()), KIND)

    def work(task: Task) -> Chosen:
        pictures = []
        for number, data in enumerate(_data(task, sizes), start=1):
            pictures.append(small_picture(data, _SIDE))
            task.progress(number, len(sizes))
        return Chosen(scan, title, names, sizes, tuple(pictures))

    web.tasks.start(account.name, key, KIND, work, whole).wait(FIRST_LOOK)
    return key


@pages.get("/<uuid:key>")
def show(key: UUID) -> ResponseReturnValue:
    """Show the photographs in their order, or what became of them."""
    account = caller(Permission.INGEST)
    task = _task(account, key)
    if task.outcome is not None:
        return redirect(task.outcome, 303)
    archiving = site().tasks.find(account.name, _archiving(key))
    if archiving is not None:
        if (page := still_running(archiving, say("photographs.archiving"))) is not None:
            return page
        if _is_archived(archiving):
            return _archived(account, task, archiving)
        assert archiving.typed is not None  # `_start_archiving` gave it
        order = [int(place) for place in archiving.typed.getlist("order")]
        return _page(task, order, archiving.error, archiving.result)
    if (page := still_running(task, say("photographs.drawing"))) is not None:
        return page
    if task.error is not None:
        raise task.error
    return _page(task, range(len(task.result.names)))


@pages.get("/<uuid:key>/<int:number>.jpg")
def picture(key: UUID, number: int) -> ResponseReturnValue:
    """Return the small picture of a photograph."""
    task = _task(caller(Permission.INGEST), key)
    drawn = task.result.pictures if isinstance(task.result, Chosen) else ()
    if number >= len(drawn) or drawn[number] is None:
        raise NotFound
    return Response(drawn[number], mimetype="image/jpeg")


@pages.post("/<uuid:key>")
def arrange(key: UUID) -> ResponseReturnValue:
    """Show the photographs in the order that was typed, or archive them so, once."""
    account, web = caller(Permission.INGEST), site()
    task = _task(account, key)
    if task.outcome is not None or task.is_running or task.error is not None:
        return redirect(url_for("photographs.show", key=key), 303)
    order = _order(len(task.result.names))
    if order is None or request.form.get("do") != "archive":
        return _page(task, order or range(len(task.result.names)), wrong=order is None)
    before = web.tasks.find(account.name, _archiving(key))
    if before is not None and not before.is_running and not _is_archived(before):
        web.tasks.forget(account.name, before.id)
    try:
        _start_archiving(account, task, order)
    except NotFound:
        raise
    except KhoError as error:
        return _page(task, order, error)
    return redirect(url_for("photographs.show", key=key), 303)


@pages.post("/<uuid:key>/forget")
def forget(key: UUID) -> ResponseReturnValue:
    """Put the photographs away: nothing of them is kept."""
    account = caller(Permission.INGEST)
    if not site().tasks.forget(account.name, key):
        return redirect(url_for("photographs.show", key=key), 303)
    return redirect(url_for("bringing.bring"), 303)


def _archiving(key: UUID) -> UUID:
    return uuid5(key, "archiving")


def _is_archived(task: Task) -> bool:
    return task.error is None and bool(task.result.receipts)


def _task(account: Account, key: UUID) -> Task:
    task = site().tasks.find(account.name, key)
    if task is None or task.kind != KIND:
        raise NotFound
    return task


def _data(task: Task, sizes: Sequence[int]) -> list[bytes]:
    if task.file is None:
        raise NotFound
    whole, data, start = memoryview(task.file.read()), [], 0
    for size in sizes:
        data.append(bytes(whole[start : start + size]))
        start += size
    return data


def _order(number: int) -> list[int] | None:
    """Return the photographs in the order that was typed; None where a place is no number.

    One without a place is left out. Where two have one place, the one that was moved is first.
    """
    wanted: list[tuple[int, bool, int, int]] = []
    for which in range(number):
        typed = request.form.get(f"place-{which}", "").strip()
        shown = request.form.get(f"shown-{which}", "").strip()
        if not typed:
            continue
        if not (typed.isascii() and typed.isdigit() and len(typed) <= _DIGITS):
            return None
        was = int(shown) if shown.isascii() and shown.isdigit() and len(shown) <= _DIGITS else 0
        wanted.append((int(typed), int(typed) == was, was, which))
    return [which for *_, which in sorted(wanted)] or None


def _start_archiving(account: Account, task: Task, order: Sequence[int]) -> None:
    web, chosen = site(), task.result
    archive, records = web.open_for_writing(), web.archive.records

    def work(_archiving: Task) -> Result:
        data = _data(task, chosen.sizes)
        photographs = Photographs(
            tuple(Photograph(chosen.names[which], data[which]) for which in order)
        )
        with web.writing(account.name) as file_came:
            intake = Intake(archive, account.actor, account.scope, file_came, Source.PAGE)
            service = BringingService(intake, records, account.actor, account.scope)
            return service.scanned(chosen.title, photographs, chosen.scan)

    typed = request.form.copy()
    typed.setlist("order", [str(which) for which in order])
    key = _archiving(task.id)
    web.tasks.start(account.name, key, "archiving", work, needs=(task,), typed=typed).wait(
        FIRST_LOOK
    )


def _archived(account: Account, task: Task, archiving: Task) -> ResponseReturnValue:
    (receipt,) = archiving.result.receipts
    page = url_for("documents.show", document_id=receipt.document_id)
    task.settle(page)
    site().tasks.forget(account.name, archiving.id)
    flash(say("photographs.done"))
    return redirect(page, 303)


def _page(
    task: Task,
    order: Sequence[int],
    error: KhoError | None = None,
    result: Result | None = None,
    *,
    wrong: bool = False,
) -> ResponseReturnValue:
    """Return the photographs in `order`, those that are left out last, with what went wrong."""
    chosen: Chosen = task.result
    left_out = [which for which in range(len(chosen.names)) if which not in order]
    waits = result.waits if result is not None else None
    shown = error or waits
    faults = result.faults if result is not None else ()
    page = render_template(
        "photographs.html",
        key=task.id,
        chosen=chosen,
        names=[printable(name) for name in chosen.names],
        order=order,
        left_out=left_out,
        faults=faults,
        problem=shown.explain(language()) if shown is not None else None,
        wrong=wrong,
    )
    status = http_status(shown) if shown is not None else 422 if faults or wrong else 200
    return page, status
