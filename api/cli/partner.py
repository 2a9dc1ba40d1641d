"""`kho partner …`: the facilities whose packets and receipts count, each confirmed by a person."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.context import Caller, command_options
from archive.base.bilingual import Text

if TYPE_CHECKING:
    from api.sharing.identity import Identity

_STANDINGS = {
    "confirmed": Text("đối tác đã được xác nhận", "a confirmed partner"),
    "unknown": Text("CHƯA BIẾT đối tác này", "partner NOT KNOWN"),
    "other_ledger": Text(
        "KHÁC SỔ NHẬT KÝ với đối tác đã xác nhận", "ANOTHER LEDGER than the partner's"
    ),
    "other_seal": Text(
        "CHỨNG THƯ CHƯA ĐƯỢC XÁC NHẬN cho đối tác", "a certificate NOT CONFIRMED for the partner"
    ),
    "own": Text("của chính kho này", "this archive itself"),
    "this_facility": Text(
        "MANG MÃ CƠ SỞ NÀY nhưng không phải của kho này",
        "NAMES THIS FACILITY but does not come from this archive",
    ),
}
_TRUST = click.option(
    "--trust",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PEM: gốc tin cậy thêm / further roots.",
)
_FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.group("partner")
def command() -> None:
    """Đối tác: cơ sở gửi và nhận gói. Partners: facilities that send and receive packets."""


@command.command("own")
@command_options
def own(caller: Caller) -> int:
    """In danh tính của cơ sở này, để đọc cho đối tác.

    Print this facility's identity, to read it out to partners.
    """
    from api import handing

    with caller.open() as home:
        identity = handing.own_identity(home)
    caller.answer(identity.as_json())
    show_identity(caller, identity)
    return 0


@command.command("list")
@command_options
def list_partners(caller: Caller) -> int:
    """Liệt kê các đối tác. List the partners."""
    with caller.open() as home:
        partners = home.open_for_reading().partners.all()
    caller.answer({"partners": [partner.model_dump(mode="json") for partner in partners]})
    if not partners:
        caller.say("Chưa có đối tác nào / no partner is confirmed")
    for partner in partners:
        caller.say(f"{partner.code}  {partner.name!r}  {partner.ledger_origin!r}")
        for seal in partner.seals:
            caller.say(f"    {seal.sha256}  {seal.subject!r}")
    return 0


@command.command("show")
@_FILE
@_TRUST
@command_options
def show(caller: Caller, file: Path, trust: tuple[Path, ...]) -> int:
    """Cho biết cơ sở gửi gói hay biên nhận. Show the sender of a packet or a receipt."""
    from api import handing
    from api.regular_file import read_regular
    from api.sharing.proven_sender import proven_identity
    from signing.asic.container import MAX_CONTAINER

    data = read_regular(file, MAX_CONTAINER)
    with caller.open() as home:
        identity = proven_identity(data, handing.widened(home, trust), home.clock.now())
        standing = handing.standing(home, identity)
    caller.answer({**identity.as_json(), "partner": standing})
    show_identity(caller, identity, standing)
    return 0


@command.command("confirm")
@_FILE
@click.option(
    "--check-code",
    required=True,
    metavar="CODE",
    help="Mã đối chiếu mà đối tác tự đọc (kho partner own) / the check code that the partner "
    "reads out.",
)
@click.option(
    "--replace",
    is_flag=True,
    help="Thay sổ nhật ký và chứng thư đã xác nhận / replace the confirmed ledger and certificate.",
)
@_TRUST
@command_options
def confirm(
    caller: Caller, file: Path, check_code: str, replace: bool, trust: tuple[Path, ...]
) -> int:
    """Xác nhận đối tác đã gửi gói hay biên nhận này.

    Confirm the partner that sent this packet or receipt.
    """
    from api import handing
    from api.regular_file import read_regular
    from api.sharing.proven_sender import proven_identity
    from signing.asic.container import MAX_CONTAINER

    data = read_regular(file, MAX_CONTAINER)
    with caller.open() as home:
        identity = proven_identity(data, handing.widened(home, trust), home.clock.now())
        archive = home.open_for_writing()
        partner = archive.reading.partners.confirm(
            identity, check_code, caller.actor, replace=replace
        )
        archive.follow_up()
    caller.answer(partner.model_dump(mode="json"))
    show_identity(caller, identity, "confirmed")
    return 0


@command.command("remove")
@click.argument("code", metavar="FACILITY")
@command_options
def remove(caller: Caller, code: str) -> int:
    """Thôi nhận gói và biên nhận của một đối tác.

    Accept no more packets and receipts from a partner.
    """
    with caller.open() as home:
        archive = home.open_for_writing()
        archive.reading.partners.remove(code, caller.actor)
        archive.follow_up()
    caller.answer({"removed": code})
    caller.say(f"Đã bỏ đối tác / removed: {code}")
    return 0


def show_identity(caller: Caller, identity: "Identity", standing: str | None = None) -> None:
    """Print the sender's identity of a packet or receipt, so that a person can compare it."""
    facts = identity.facts
    if standing is not None:
        caller.say(f"  {_STANDINGS[standing].to(caller.language)}:")
    caller.say(f"  Cơ sở / facility: {facts['code']}  {facts['name']}")
    caller.say(f"  Sổ nhật ký / ledger: {facts['ledger']}")
    caller.say(f"  Con dấu / seal: {facts['subject']}")
    caller.say(f"  Do / issued by: {facts['issuer']}")
    caller.say(f"  Chứng thư / certificate: {facts['certificate']}")
    caller.say(f"  Mã đối chiếu / check code: {facts['check_code']}")
