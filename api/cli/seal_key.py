"""`kho seal-key show` and `try-again`: the seal's key in a token or an HSM."""

from pathlib import Path
from typing import Any

import click

from api.cli.context import Caller, command_options
from archive.access.actor import Permission


@click.group("seal-key")
def command() -> None:
    """Khóa ký số của cơ sở trong thẻ hoặc HSM (PKCS#11).

    The facility's signing key in a token or an HSM (PKCS#11).
    """


@command.command("show")
@click.option(
    "--module",
    type=click.Path(path_type=Path),
    help="Thư viện PKCS#11, mặc định seal.pkcs11.module / the library.",
)
@command_options
def show(caller: Caller, module: Path | None) -> int:
    """Liệt kê thẻ, chứng thư và khóa mà thư viện cho xem, không cần mã PIN.

    List the tokens, certificates and keys that the library shows without a PIN.
    """
    from api.composition.seal_device import place_of, stated_device
    from archive.base.settings import Pkcs11Settings, load_settings
    from signing.keys.pkcs11.device import list_tokens

    settings = load_settings(caller.folder)
    stated = Pkcs11Settings(module=module.absolute()) if module else stated_device(settings)
    tokens = list_tokens(place_of(settings, stated))
    caller.answer({"tokens": tokens})
    if not tokens:
        caller.say("Không thấy thẻ nào / there is no token")
    for token in tokens:
        caller.say(
            f"{token['token']}  serial={token['serial']}  slot={token['slot']}  pin={token['pin']}"
            f"  {token['maker']} {token['model']}"
        )
        for item in token["objects"]:
            caller.say(_line(item))
    return 0


@command.command("try-again")
@command_options
def try_again(caller: Caller) -> int:
    """Thử lại đúng một lần mã PIN mà thẻ đã từ chối.

    Try a PIN that the token refused once more, and only once.
    """
    from api.composition.seal_device import place_of, stated_device
    from archive.base.settings import load_settings
    from signing.keys.pkcs11.device import try_again

    caller.actor.require(Permission.MAINTAIN)
    settings = load_settings(caller.folder)
    try_again(place_of(settings, stated_device(settings)))
    caller.answer({"accepted": True})
    caller.say("Thẻ nhận mã PIN / the token accepts the PIN")
    return 0


def _line(item: dict[str, Any]) -> str:
    """Return the line of an object for people."""
    whose = f"  {item['subject']}  → {item['until'][:10]}" if "until" in item else ""
    return f"  {item['kind']}  {item['label']}  id:{item['id']}{whose}"
