"""`kho ledger-key show`, `protect` and `hand-over`: the key that signs acts and checkpoints."""

import click

from api.cli.context import Caller, command_options
from archive.access.actor import Permission


@click.group("ledger-key")
def command() -> None:
    """Khóa sổ nhật ký, ký mọi nghiệp vụ và điểm kiểm.

    The ledger's key, which signs acts and checkpoints.
    """


@command.command("show")
@command_options
def show(caller: Caller) -> int:
    """In phần công khai của khóa, để ghi lại và gửi nhân chứng.

    Print the key's public part, to write it down and to send it to witnesses.
    """
    from api.composition.ledger_key import is_encrypted
    from retention.health.key_check import KEY_FILE

    with caller.open() as home:
        home.catch_up()
        keys = home.signed.keys()
        file = home.folder / KEY_FILE
        facts = {
            "origin": keys.origin,
            "key": str(keys.newest),
            "keys": [{"act": index, "key": str(key)} for index, key in keys.stated],
            "present": file.exists(),
            "encrypted": is_encrypted(file),
        }
    caller.answer(facts)
    caller.say(str(keys.newest))
    return 0


@command.command("protect")
@command_options
def protect(caller: Caller) -> int:
    """Mã hóa tệp khóa bằng KHO_LEDGER__PASSPHRASE.

    Encrypt the key's file with the passphrase of the settings.
    """
    from api.composition.ledger_key import protect
    from retention.health.key_check import KEY_FILE

    caller.actor.require(Permission.MAINTAIN)
    with caller.open() as home:
        protect(home.folder / KEY_FILE, home.settings.ledger.passphrase.get_secret_value())
    caller.answer({"file": KEY_FILE, "encrypted": True})
    caller.say(f"{KEY_FILE}: đã mã hóa / encrypted")
    return 0


@command.command("hand-over")
@command_options
def hand_over(caller: Caller) -> int:
    """Giao sổ nhật ký cho khóa mới; khóa cũ ký, khóa mới ký đối.

    Hand the ledger over to a new key: both sign.
    """
    from api.upkeep.key_handover import hand_over
    from retention.health.key_check import KEY_FILE

    with caller.open() as home:
        new = hand_over(home, caller.actor)
    caller.answer({"file": KEY_FILE, "key": str(new)})
    caller.say(str(new))
    caller.say(
        f"! Sao lưu {KEY_FILE} ngay, ghi khóa mới ra giấy. Back up {KEY_FILE} now; write the new "
        "key on paper."
    )
    return 0
