"""`kho init`: makes an archive's home; with `--demo` a demonstration with a local test PKI.

On a terminal it asks for what was not given. Nothing is asked about an archive that is there.
"""

import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.context import Caller, command_options
from api.cli.new_password import new_password, password_option
from api.cli.questions import ask, may_ask, require_options
from archive.base.errors import Misconfigured
from archive.base.identifiers import FacilityCode, parse_facility_code

if TYPE_CHECKING:
    from api.home import Home
    from api.upkeep.setup import FacilityFacts
    from archive.catalog.entries import FacilityEntry


@dataclass(slots=True)
class _Given:
    """The options of a real facility as they were given; None: not given."""

    facility: FacilityCode | None
    name: str | None
    authority: str | None
    address: str | None
    phone: str | None
    tsa_url: str | None
    public_url: str | None
    no_public_url: bool
    admin: str | None
    password_file: Path | None


@click.command("init")
@click.option(
    "--demo", is_flag=True, help="Kho trình diễn với PKI thử / a demonstration with a test PKI."
)
@click.option("--facility", help="Mã cơ sở KBCB (5 ký tự) / the facility's code.")
@click.option("--name", help="Tên cơ sở / the facility's name.")
@click.option("--authority", help="Cơ quan chủ quản / its governing authority.")
@click.option("--address", help="Địa chỉ / its address.")
@click.option("--phone", help="Điện thoại, ghi vào kho.toml / its telephone, for kho.toml.")
@click.option("--tsa-url", help="Dịch vụ dấu thời gian, ghi vào kho.toml / the TSA, for kho.toml.")
@click.option(
    "--public-url",
    help="Địa chỉ trang xác minh, in trong mã QR / address of the verification page, for the QR "
    "code.",
)
@click.option(
    "--no-public-url", is_flag=True, help="Không có trang xác minh / no verification page."
)
@click.option("--admin", help="Tên đăng nhập của quản trị đầu tiên / the first administrator.")
@password_option
@command_options
def command(caller: Caller, demo: bool, facility: str | None, **options: object) -> int:
    """Lập một kho. Khóa ký và TSA lấy từ kho.toml hoặc KHO_SEAL__*. Make an archive's home."""
    code = None if facility is None else _code(facility)
    given = _Given(facility=code, **options)  # type: ignore[arg-type]  # Click gives the options by name
    if demo:
        return _make_demonstration(caller, given)
    _require_fitting(given)
    _have_settings(caller, given)
    with caller.open() as home:
        _make(caller, home, given)
    return 0


def _make_demonstration(caller: Caller, given: _Given) -> int:
    from api.upkeep.setup import init_demo

    more = [
        "--" + field.name.replace("_", "-")
        for field in fields(given)
        if field.name not in ("facility", "name") and getattr(given, field.name)
    ]
    if more:
        raise Misconfigured(
            why_vi=f"--demo chỉ nhận --facility và --name, không nhận {', '.join(more)}",
            why_en=f"--demo takes --facility and --name only, not {', '.join(more)}",
        )
    with init_demo(caller.folder, caller.actor, code=given.facility, name=given.name) as home:
        _report(caller, home)
    return 0


def _make(caller: Caller, home: "Home", given: _Given) -> None:
    from api.upkeep.first_administrator import has_administrator, make_administrator
    from api.upkeep.setup import initialise, known_facility, require_seal

    require_seal(home)  # before a person is asked: it names the file that is missing
    known = known_facility(home)
    facts = _facts(home.code, given) if known is None else _unchanged(known, given)
    administrator = given.admin
    if administrator is None and may_ask() and (known is None or not has_administrator(home)):
        administrator = ask("Tên đăng nhập của quản trị / administrator", _account, "quantri")
    password = None if administrator is None else _password(administrator, given.password_file)
    initialise(home, facts, caller.actor)
    if administrator is not None and password is not None:
        make_administrator(home, administrator, password, caller.actor)
    _report(caller, home)
    if administrator is not None:
        caller.say(f"Người quản trị / administrator: {administrator}")
    elif not has_administrator(home):
        caller.say(
            "Chưa có ai đăng nhập được: chạy kho user create TÊN --role admin / "
            "no person can sign in: run kho user create NAME --role admin"
        )
    if not home.settings.seal.tsa_url:
        caller.say(
            "Chưa có seal.tsa_url trong kho.toml: chưa lưu trữ được hồ sơ / "
            "seal.tsa_url is not set: nothing can be archived yet"
        )


def _report(caller: Caller, home: "Home") -> None:
    from api.composition.trust_file import trust_file

    trust, facility_name = trust_file(home.settings), home.open_for_reading().facility.name
    caller.answer(
        {
            "home": str(home.folder),
            "facility": home.code,
            "trust_root": str(trust) if trust else None,
        }
    )
    caller.say(f"Kho {facility_name} ({home.code}) sẵn sàng tại / is ready in {home.folder}")
    if home.settings.demo:
        caller.say(
            "TEST: chứng thư thử, không có giá trị pháp lý / test certificates, no legal value"
        )


def _require_fitting(given: _Given) -> None:
    """Raise Misconfigured where two options exclude each other, before anything is written."""
    if given.public_url and given.no_public_url:
        raise Misconfigured(
            why_vi="--public-url và --no-public-url không dùng cùng nhau",
            why_en="--public-url and --no-public-url exclude each other",
        )
    if given.password_file is not None and given.admin is None:
        raise Misconfigured(
            why_vi="--password-file cần --admin", why_en="--password-file needs --admin"
        )
    if given.public_url:
        given.public_url = _public_url(given.public_url)
    if given.phone:
        _phone(given.phone)
    if given.admin is not None:
        _account(given.admin)


def _have_settings(caller: Caller, given: _Given) -> None:
    """Write `kho.toml` where there is none and the environment names no facility."""
    from api.upkeep.first_settings import write_first_settings
    from archive.base.settings import CONFIG_FILE, load_settings

    file, facility = caller.folder / CONFIG_FILE, load_settings(caller.folder).facility
    if file.exists() or facility is not None:
        if given.phone or given.tsa_url:
            raise Misconfigured(
                why_vi=f"đã có cấu hình: ghi web.phone và seal.tsa_url vào {file}",
                why_en=f"there are settings already: set web.phone and seal.tsa_url in {file}",
            )
        if given.facility is not None and facility not in (None, given.facility):
            raise Misconfigured(
                why_vi=f"{file} là của cơ sở {facility}, không phải {given.facility}",
                why_en=f"{file} is of the facility {facility}, not of {given.facility}",
            )
        if facility is not None:
            return
        raise Misconfigured(
            why_vi=f"{file} thiếu facility (mã cơ sở)", why_en=f"{file} lacks facility, the code"
        )
    asking = may_ask()
    if not asking:
        stated = {"--facility": given.facility, "--name": given.name}
        require_options(option for option, value in stated.items() if not value)
    code = given.facility or _code(ask("Mã cơ sở KBCB / facility code", _code, None))
    phone, tsa_url = given.phone or "", given.tsa_url or ""
    if asking and given.phone is None:
        phone = ask("Điện thoại của cơ sở / telephone", _phone)
    if asking and given.tsa_url is None:
        tsa_url = ask("Địa chỉ TSA (http://…), để trống nếu chưa có / TSA, empty if not known yet")
    write_first_settings(caller.folder, code, tsa_url, phone)
    caller.say(f"Đã viết / written: {file}")


def _facts(code: FacilityCode, given: _Given) -> "FacilityFacts":
    """Return what act 0 will state: as given, else as the person says."""
    from api.upkeep.setup import FacilityFacts

    if not may_ask():
        require_options(() if given.name else ("--name",))
        return FacilityFacts(
            code, given.name or "", given.authority or "", given.address or "", given.public_url
        )

    def stated(value: str | None, question: str) -> str:
        return ask(question) if value is None else value

    public_url = given.public_url
    if public_url is None and not given.no_public_url:
        public_url = ask(
            "Địa chỉ trang xác minh (https://…), để trống nếu không có / public address or nothing",
            _public_url,
        )
    return FacilityFacts(
        code,
        given.name or ask("Tên cơ sở / name of the facility", default=None),
        stated(given.authority, "Cơ quan chủ quản / governing authority"),
        stated(given.address, "Địa chỉ / address"),
        public_url or None,
    )


def _unchanged(known: "FacilityEntry", given: _Given) -> "FacilityFacts":
    """Return what act 0 states. Raises Misconfigured where something else is asked for."""
    from api.upkeep.setup import FacilityFacts

    for name in ("name", "authority", "address", "public_url"):
        wanted, stated = getattr(given, name), getattr(known, name)
        if wanted is not None and wanted != stated:
            raise Misconfigured(
                why_vi=f"kho này đã ghi {name} = {stated}; nghiệp vụ 0 không đổi được",
                why_en=f"this archive states {name} = {stated}; act 0 never changes",
            )
    return FacilityFacts(
        FacilityCode(known.code), known.name, known.authority, known.address, known.public_url
    )


def _password(administrator: str, file: Path | None) -> str:
    from api.access.passwords import require_fit

    password = new_password(file)
    require_fit(administrator, password)
    return password


def _account(name: str) -> str:
    from api.access.users import require_name

    return require_name(name)


def _code(text: str) -> FacilityCode:
    try:
        return parse_facility_code(text)
    except ValueError as error:
        raise Misconfigured(why_vi="mã cơ sở không hợp lệ", why_en=str(error)) from error


def _phone(text: str) -> str:
    from archive.base.settings import PHONE

    if not re.fullmatch(PHONE, text):
        raise Misconfigured(
            why_vi="số điện thoại chỉ gồm chữ số, dấu cách và + ( ) . / -",
            why_en="a telephone number has digits, spaces and + ( ) . / - only",
        )
    return text


def _public_url(text: str) -> str:
    from api.upkeep.setup import public_url

    return public_url(text) if text else ""
