"""`kho init`: makes an archive's home; with `--demo` a demonstration with a local test PKI."""

import click

from api.cli.context import Caller, command_options


@click.command("init")
@click.option(
    "--demo", is_flag=True, help="Kho trình diễn với PKI thử / a demonstration with a test PKI."
)
@click.option("--facility", "code", help="Mã cơ sở KBCB (5 ký tự) / the facility's code.")
@click.option("--name", help="Tên cơ sở / the facility's name.")
@click.option("--authority", default="", help="Cơ quan chủ quản / its governing authority.")
@click.option("--address", default="", help="Địa chỉ / its address.")
@click.option(
    "--public-url",
    help="Địa chỉ trang xác minh, in trong mã QR / address of the verification page, for the QR "
    "code.",
)
@command_options
def command(
    caller: Caller,
    demo: bool,
    code: str | None,
    name: str | None,
    authority: str,
    address: str,
    public_url: str | None,
) -> int:
    """Lập một kho. Khóa ký và TSA lấy từ kho.toml hoặc KHO_SEAL__*. Make an archive's home."""
    from api.composition.trust_file import trust_file
    from api.upkeep.setup import FacilityFacts, init_demo, initialise
    from archive.base.errors import Misconfigured
    from archive.base.identifiers import parse_facility_code

    try:
        facility = parse_facility_code(code) if code else None
    except ValueError as error:
        raise Misconfigured(why_vi="mã cơ sở không hợp lệ", why_en=str(error)) from error
    if demo:
        if authority or address or public_url:
            raise Misconfigured(
                why_vi="--demo chỉ nhận --facility và --name",
                why_en="--demo takes --facility and --name only",
            )
        home = init_demo(caller.folder, caller.actor, code=facility, name=name)
    elif facility and name:
        home = caller.open()
        initialise(
            home, FacilityFacts(facility, name, authority, address, public_url), caller.actor
        )
    else:
        raise Misconfigured(
            why_vi="cần --facility và --name", why_en="--facility and --name are needed"
        )
    with home:
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
    return 0
