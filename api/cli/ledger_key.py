"""`kho ledger-key show` and `kho ledger-key protect`: the key that signs acts and checkpoints."""

import click

from api.cli.context import Caller, command_options
from archive.access.actor import Permission


@click.group("ledger-key")
def command() -> None:
    """Khóa sổ nhật ký, ký mọi nghiệp vụ và điểm kiểm. The ledger's key, which signs acts and checkpoints."""


@command.command("show")
@command_options
def show(caller: Caller) -> int:
    """In phần công khai của khóa, để ghi lại và gửi nhân chứng. Print its public part, to note it down."""
    from api.ledger_key import is_encrypted
    from archive.ledger.keys import ledger_keys
    from retention.health.key_check import KEY_FILE

    with caller.open() as home:
        _ = home.facility
        with home.catalog.read() as session:
            keys = ledger_keys(session, home.code)
        file = home.folder / KEY_FILE
        told = {
            "origin": keys.origin,
            "key": str(keys.newest),
            "present": file.exists(),
            "encrypted": is_encrypted(file),
        }
    caller.answer(told)
    caller.say(str(keys.newest))
    return 0


@command.command("protect")
@command_options
def protect(caller: Caller) -> int:
    """Mã hóa tệp khóa bằng KHO_LEDGER__PASSPHRASE. Encrypt the key's file with the passphrase of the settings."""
    from api.ledger_key import protect
    from retention.health.key_check import KEY_FILE

    caller.actor.require(Permission.MAINTAIN)
    with caller.open() as home:
        protect(home.folder / KEY_FILE, home.settings.ledger.passphrase.get_secret_value())
    caller.answer({"file": KEY_FILE, "encrypted": True})
    caller.say(f"{KEY_FILE}: đã mã hóa / encrypted")
    return 0
