"""`kho store verify` and `kho store show`: the object store's trial and its record, before an
archive depends on it.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.context import Caller, command_options

if TYPE_CHECKING:
    from archive.conformance.record import Record

_MARKS = {"passed": "✓", "failed": "✗", "not_run": "–"}
REFUSED = 12


@click.group("store")
def command() -> None:
    """Thử kho đối tượng và xem biên bản. Test the object store, and show the record."""


@command.command("verify")
@click.option(
    "--admin-key",
    envvar="KHO_STORE_ADMIN_KEY",
    help="Khóa của người quản trị kho đối tượng / the store administrator's key.",
)
@click.option(
    "--stranger-key",
    envvar="KHO_STORE_STRANGER_KEY",
    help="Một khóa không có quyền / a key without rights.",
)
@click.option(
    "--trial-bucket",
    default="",
    help="Bucket để thử, mặc định BUCKET-trial / the trial bucket, by default BUCKET-trial.",
)
@click.option(
    "--door",
    "doors",
    multiple=True,
    metavar="HOST:PORT",
    help="Cổng khác của kho đối tượng / another port of the store.",
)
@click.option(
    "--filer-conf",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="SeaweedFS: tệp chứa kết quả của fs.configure / the file with the output of fs.configure.",
)
@click.option(
    "--restart",
    default="",
    metavar="COMMAND",
    help="Lệnh kill -9 kho đối tượng rồi chạy lại / a command that kills and restarts the store.",
)
@click.option(
    "--store-version",
    default="",
    help="Phiên bản, nếu kho đối tượng không tự nêu / the version, if the store does not state it.",
)
@command_options
def verify(
    caller: Caller,
    admin_key: str | None,
    stranger_key: str | None,
    trial_bucket: str,
    doors: tuple[str, ...],
    filer_conf: Path | None,
    restart: str,
    store_version: str,
) -> int:
    """Thử kho đối tượng; mật khẩu: KHO_STORE_ADMIN_SECRET, KHO_STORE_STRANGER_SECRET.

    Test the object store; secrets are in these variables.
    """
    from api.upkeep.store_trial import TrialOptions, verify_store

    options = TrialOptions(
        admin=_key(admin_key, "KHO_STORE_ADMIN_SECRET"),
        stranger=_key(stranger_key, "KHO_STORE_STRANGER_SECRET"),
        trial_bucket=trial_bucket,
        doors=doors,
        filer_conf=filer_conf,
        restart=restart,
        version=store_version,
    )
    with caller.open() as home:
        record, file = verify_store(home, options, caller.progress)
    caller.progress_done()
    return _answer(caller, record, file)


@command.command("show")
@command_options
def show(caller: Caller) -> int:
    """Xem biên bản mới nhất của kho đối tượng. Show the store's newest record."""
    from api.composition.store_record import newest_record, place_of
    from archive.conformance.requirement import StoreUnproven

    with caller.open() as home:
        record = newest_record(home.folder, place_of(home.settings))
    if record is None:
        raise StoreUnproven(
            why_vi="kho đối tượng này chưa được thử", why_en="this object store was never tested"
        )
    return _answer(caller, record, None)


def _answer(caller: Caller, record: "Record", file: Path | None) -> int:
    from archive.base.clock import for_people, parse_iso
    from archive.conformance.catalogue import catalogue
    from archive.conformance.verdict import SENTENCES, Verdict

    caller.answer({"record": record.model_dump(mode="json"), "file": str(file) if file else None})
    known = {case.id: case for case in catalogue().cases}
    for line in record.cases:
        shows = known[line.id].shows.text.to(caller.language) if line.id in known else line.id
        caller.say(
            f"{_MARKS[line.outcome.value]} {line.id:36} "
            f"{shows}{f' [{line.seen}]' if line.seen else ''}"
        )
    place = record.store.place
    where = place.folder or f"{place.endpoint}/{place.bucket}"
    caller.say()
    caller.say(
        f"{record.store.make} {record.store.version}".strip()
        + f", {where}, {for_people(parse_iso(record.time))}"
    )
    caller.say(f"{SENTENCES[record.verdict].to(caller.language)}.")
    for reason in record.why:
        caller.say(f"  - {reason.case}: {reason.means.to(caller.language)}")
    return REFUSED if record.verdict is Verdict.REFUSED else 0


def _key(access_key: str | None, secret: str) -> tuple[str, str] | None:
    """Return a key with its secret, which comes from the environment or a file that it names, never
    from arguments.
    """
    from archive.base.errors import Misconfigured

    if not access_key:
        return None
    file = os.environ.get(f"{secret}_FILE")
    try:
        names = (
            Path(file).read_text("utf-8").removesuffix("\n") if file else os.environ.get(secret, "")
        )
    except OSError as error:
        raise Misconfigured(
            why_vi=f"{secret}_FILE: {error.strerror}", why_en=f"{secret}_FILE: {error.strerror}"
        ) from error
    if not names:
        raise Misconfigured(why_vi=f"thiếu {secret}", why_en=f"{secret} is missing")
    return access_key, names
