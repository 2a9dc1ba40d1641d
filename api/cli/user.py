"""`kho user`: the people who sign in; an administrator makes, changes and disables accounts."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.context import Caller, command_options
from api.cli.new_password import new_password, password_option

if TYPE_CHECKING:
    from api.access.users import User, Users
    from api.home import Home

_role = click.option("--role", required=True, help="Vai trò / role: clerk, reader, admin.")
_departments = click.option(
    "--department",
    "departments",
    multiple=True,
    help="Mã khoa được xem, lặp lại được / a department that the person may see, repeatable.",
)


@click.group("user")
def command() -> None:
    """Người dùng: ai đăng nhập được, với vai trò nào. The people who sign in, and their roles."""


@command.command("create")
@click.argument("account", metavar="NAME")
@_role
@_departments
@click.option("--name", "full_name", help="Họ tên / the person's full name.")
@password_option
@command_options
def create(
    caller: Caller,
    account: str,
    role: str,
    departments: tuple[str, ...],
    full_name: str | None,
    password_file: Path | None,
) -> int:
    """Tạo tài khoản; người dùng đổi mật khẩu ở lần đăng nhập đầu.

    Make an account; the person replaces the password at the first sign-in.
    """
    password = new_password(password_file)
    user = _with_users(
        caller,
        lambda users: users.create(
            account,
            role,
            password,
            caller.actor,
            departments=departments or None,
            full_name=full_name,
        ),
    )
    caller.say(f"Đã tạo / created: {_line(user)}")
    return 0


@command.command("list")
@command_options
def list_users(caller: Caller) -> int:
    """Liệt kê người dùng. List the users."""
    with caller.open() as home:
        home.catch_up()
        users = _users(home).all()
    caller.answer({"users": [user.as_json() for user in users]})
    if not users:
        caller.say("Chưa có người dùng nào / there are no users")
    for user in users:
        caller.say(_line(user))
    return 0


@command.command("password")
@click.argument("account", metavar="NAME")
@password_option
@command_options
def password(caller: Caller, account: str, password_file: Path | None) -> int:
    """Đặt lại mật khẩu; người dùng phải đổi khi đăng nhập.

    Reset a password; the person replaces it at the next sign-in.
    """
    chosen = new_password(password_file)
    user = _with_users(caller, lambda users: users.reset_password(account, chosen, caller.actor))
    caller.say(f"Đã đặt lại mật khẩu / the password was reset: {_line(user)}")
    return 0


@command.command("disable")
@click.argument("account", metavar="NAME")
@command_options
def disable(caller: Caller, account: str) -> int:
    """Khóa tài khoản ngay. Disable an account at once."""
    user = _with_users(caller, lambda users: users.disable(account, caller.actor))
    caller.say(f"Đã khóa / disabled: {_line(user)}")
    return 0


@command.command("enable")
@click.argument("account", metavar="NAME")
@command_options
def enable(caller: Caller, account: str) -> int:
    """Mở lại tài khoản. Enable a disabled account."""
    user = _with_users(caller, lambda users: users.enable(account, caller.actor))
    caller.say(f"Đã mở lại / enabled: {_line(user)}")
    return 0


@command.command("role")
@click.argument("account", metavar="NAME")
@_role
@_departments
@command_options
def assign_role(caller: Caller, account: str, role: str, departments: tuple[str, ...]) -> int:
    """Đổi vai trò và khoa được xem. Change the role and the departments of a user."""
    user = _with_users(
        caller,
        lambda users: users.assign(account, role, caller.actor, departments=departments or None),
    )
    caller.say(f"Đã đổi vai trò / the role was changed: {_line(user)}")
    return 0


@command.command("devices")
@click.argument("account", metavar="NAME")
@command_options
def devices(caller: Caller, account: str) -> int:
    """Liệt kê nơi một người đang đăng nhập. List where a person is signed in."""
    from api.access.sessions import Sessions
    from archive.base.clock import for_people

    with caller.open() as home:
        home.catch_up()
        user = _users(home).get(account)
        sessions = Sessions.of_home(home).of(user.name)
    caller.answer({"sessions": [session.as_json() for session in sessions]})
    if not sessions:
        caller.say("Không có thiết bị nào / there are no devices")
    for session in sessions:
        browser, address = session.browser or "?", session.address or "?"
        caller.say(f"{session.id}  {browser}  {address}  {for_people(session.seen_at)}")
    return 0


@command.command("sign-out")
@click.argument("account", metavar="NAME")
@click.option("--session", "session_id", help="Chỉ phiên này / this session only.")
@command_options
def sign_out(caller: Caller, account: str, session_id: str | None) -> int:
    """Đăng xuất một người khỏi mọi thiết bị. Sign a person out of every device, or of one."""
    from api.access.sessions import Sessions

    with caller.open() as home:
        home.catch_up()
        user, sessions = _users(home).get(account), Sessions.of_home(home)
        if session_id is None:
            sessions.end_all(user.name, caller.actor)
        else:
            sessions.end(user.name, session_id, caller.actor)
        left = sessions.of(user.name)
    caller.answer({"sessions": [session.as_json() for session in left]})
    caller.say(f"Đã đăng xuất / signed out: {user.name}")
    return 0


def _users(home: "Home") -> "Users":
    from api.access.accounts import Accounts
    from api.access.users import Users

    return Users(Accounts(home.catalog, home.code, home.clock))


def _with_users(caller: Caller, change: "Callable[[Users], User]") -> Any:
    """Open the home, do `change` to its users, and answer with the user that it returns."""
    with caller.open() as home:
        home.catch_up()
        user = change(_users(home))
    caller.answer(user.as_json())
    return user


def _line(user: "User") -> str:
    """Return what people read about a user: name, role, departments, state."""
    where = "tất cả khoa / all" if user.departments is None else ", ".join(user.departments)
    state = (
        "đã khóa / disabled"
        if user.disabled_at
        else "phải đổi mật khẩu / must change the password"
        if user.must_change_password
        else "đang dùng / in use"
    )
    return "  ".join(filter(None, (user.name, user.full_name, user.role, where, state)))
