"""`kho key create`, `kho key list`, `kho key revoke`: the keys that programs call the API with."""

from datetime import datetime

import click

from api.cli.context import Caller, command_options

_STATES = {"valid": "còn / valid", "expired": "hết hạn / expired", "revoked": "thu hồi / revoked"}


@click.group("key")
def command() -> None:
    """Khóa API cho HIS và phần mềm khác. API keys for a HIS and other programs."""


@command.command("create")
@click.option("--name", required=True, help="Phần mềm giữ khóa / the program that holds the key.")
@click.option("--role", required=True, help="Vai trò / role: his, clerk, reader, witness.")
@click.option(
    "--department",
    "departments",
    multiple=True,
    help="Mã khoa được xem, lặp lại được / a department that the key may see, repeatable.",
)
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]),
    help="Ngày cuối, mặc định một năm / last day, by default in one year.",
)
@command_options
def create(
    caller: Caller, name: str, role: str, departments: tuple[str, ...], expires: datetime | None
) -> int:
    """Tạo một khóa; khóa chỉ hiện một lần. Make a key; Kho shows it only once."""
    from api.access.api_keys import ApiKeys, end_of
    from archive.base.clock import for_people

    with caller.open() as home:
        home.catch_up()
        keys = ApiKeys(home.catalog, home.code, home.clock)
        last = expires.date() if expires else keys.last_day()
        key, secret = keys.create(name, role, end_of(last), departments or None)
    caller.answer({**key.as_json(), "key": secret})
    if not caller.as_json:
        caller.say(secret)
    end = for_people(key.expires_at)
    click.echo(
        f"Khóa chỉ hiện lần này; hết hạn {end}. Kho shows the key only now; it expires at {end}.",
        err=True,
    )
    return 0


@command.command("list")
@command_options
def list_keys(caller: Caller) -> int:
    """Liệt kê các khóa. List the keys."""
    from api.access.api_keys import ApiKeys
    from archive.base.clock import for_people

    with caller.open() as home:
        home.catch_up()
        keys, now = ApiKeys(home.catalog, home.code, home.clock).all(), home.clock.now()
    caller.answer({"keys": [key.as_json() for key in keys]})
    if not keys:
        caller.say("Chưa có khóa nào / there are no keys")
    for key in keys:
        state = _STATES[key.state(now)]
        where = "tất cả / all" if key.departments is None else ", ".join(key.departments)
        caller.say(
            f"kho_{key.id}  {state}  {key.name}  {key.role}  {where}  {for_people(key.expires_at)}"
        )
    return 0


@command.command("revoke")
@click.argument("key_id", metavar="KEY_ID")
@command_options
def revoke(caller: Caller, key_id: str) -> int:
    """Thu hồi một khóa ngay. Revoke a key at once."""
    from api.access.api_keys import ApiKeys

    with caller.open() as home:
        home.catch_up()
        key = ApiKeys(home.catalog, home.code, home.clock).revoke(key_id)
    caller.answer(key.as_json())
    caller.say(f"Đã thu hồi / revoked: kho_{key.id}  {key.name}")
    return 0
