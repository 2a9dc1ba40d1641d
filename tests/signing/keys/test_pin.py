"""A wrong PIN is tried once: not again by this process, by its siblings, or after a restart."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pkcs11.constants import TokenFlag
from pkcs11.exceptions import DeviceRemoved, PinIncorrect

from archive.base.errors import KhoError
from signing.errors import KeyRefused, PinRefused
from signing.keys.pkcs11.device import Device, try_again
from signing.keys.pkcs11.login import read_pin, require_tries_left
from signing.keys.pkcs11.refused_pin import RefusedPin
from tests.fixtures.softhsm import PIN, SoftToken

NOW = datetime.now(UTC)
WRONG, SERIAL = "000000", b"f73a"


def opened(token: SoftToken) -> KhoError | None:
    """Open the key in a process of its own, as a restart does; return what it is refused with."""
    with closing(Device(token.place())) as device:
        try:
            device.key(NOW)
        except KhoError as error:
            return error
    return None


def test_a_wrong_pin_is_tried_once_whatever_is_started_again(
    seal_token: SoftToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_token.spy(monkeypatch)
    seal_token.write_pin(WRONG)
    with closing(Device(seal_token.place())) as device:
        for _ in range(2):
            with pytest.raises(PinRefused):
                device.key(NOW)
    assert isinstance(opened(seal_token), PinRefused)
    assert seal_token.calls("C_Login") == 1


def test_processes_that_start_together_try_a_wrong_pin_once(
    seal_token: SoftToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_token.spy(monkeypatch)
    seal_token.write_pin(WRONG)
    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(opened, [seal_token] * 4))
    assert [type(error) for error in outcomes] == [PinRefused] * 4
    assert seal_token.calls("C_Login") == 1


def test_a_pin_that_was_refused_is_not_tried_although_it_is_right_by_now(
    seal_token: SoftToken,
) -> None:
    seal_token.write_pin(WRONG)
    opened(seal_token)
    seal_token.tool("--login", "--pin", PIN, "--change-pin", "--new-pin", WRONG)
    refused = opened(seal_token)
    assert isinstance(refused, PinRefused)
    assert "refused this very PIN before" in str(refused)
    try_again(seal_token.place())
    assert opened(seal_token) is None


def test_another_pin_in_the_file_is_tried(seal_token: SoftToken) -> None:
    seal_token.write_pin(WRONG)
    opened(seal_token)
    seal_token.write_pin(PIN)
    assert opened(seal_token) is None
    assert not seal_token.refused_file.exists()


def test_a_person_who_tries_again_tries_once(
    seal_token: SoftToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_token.write_pin(WRONG)
    opened(seal_token)
    seal_token.spy(monkeypatch)
    with pytest.raises(PinRefused, match="PinIncorrect"):
        try_again(seal_token.place())
    assert isinstance(opened(seal_token), PinRefused)
    assert seal_token.calls("C_Login") == 1


def test_a_wrong_pin_that_somebody_else_entered_is_named(
    seal_token: SoftToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = ("pkcs11-tool", "--module", seal_token.module, "--login", "--pin", WRONG, "-O")
    with pytest.raises(Exception, match="non-zero"):
        seal_token.run(*wrong)
    seal_token.spy(monkeypatch)
    refused = opened(seal_token)
    assert isinstance(refused, PinRefused)
    assert "CKF_USER_PIN_COUNT_LOW" in str(refused)
    assert seal_token.calls("C_Login") == 0
    try_again(seal_token.place())
    assert opened(seal_token) is None


@pytest.mark.parametrize(
    ("flag", "may_be_low", "refused"),
    [
        (TokenFlag.USER_PIN_LOCKED, True, True),
        (TokenFlag.USER_PIN_FINAL_TRY, True, True),
        (TokenFlag.USER_PIN_COUNT_LOW, False, True),
        (TokenFlag.USER_PIN_COUNT_LOW, True, False),
        (TokenFlag.LOGIN_REQUIRED, False, False),
    ],
)
def test_the_flags_of_a_token_are_heeded(flag: TokenFlag, may_be_low: bool, refused: bool) -> None:
    if not refused:
        require_tries_left(flag, may_be_low=may_be_low)
        return
    with pytest.raises(PinRefused) as named:
        require_tries_left(flag, may_be_low=may_be_low)
    assert f"CKF_{flag.name}" in str(named.value)


class PowerFailure(BaseException):
    pass


@pytest.mark.parametrize(
    ("end", "is_held"), [(PinIncorrect, True), (PowerFailure, True), (DeviceRemoved, False)]
)
def test_a_try_without_an_answer_counts_as_refused(
    tmp_path: Path, end: type[BaseException], is_held: bool
) -> None:
    refused = RefusedPin(tmp_path / "keys" / "refused-pin.json")
    with pytest.raises(end), refused.while_tried(SERIAL, PIN):
        raise end
    assert refused.holds(SERIAL, PIN) is is_held
    assert not refused.holds(SERIAL, WRONG)
    assert not refused.holds(b"another token", PIN)


def test_what_was_remembered_stays_where_the_next_pin_was_not_judged(tmp_path: Path) -> None:
    refused = RefusedPin(tmp_path / "refused-pin.json")
    with pytest.raises(PinIncorrect), refused.while_tried(SERIAL, WRONG):
        raise PinIncorrect
    with pytest.raises(DeviceRemoved), refused.while_tried(SERIAL, PIN):
        raise DeviceRemoved
    assert refused.holds(SERIAL, WRONG)


def test_neither_pin_nor_a_plain_digest_of_it_is_kept(seal_token: SoftToken) -> None:
    seal_token.write_pin(WRONG)
    opened(seal_token)
    assert seal_token.refused_file.stat().st_mode & 0o077 == 0
    assert WRONG not in seal_token.refused_file.read_text()


def test_a_damaged_memory_holds_every_pin(tmp_path: Path) -> None:
    file = tmp_path / "refused-pin.json"
    file.write_text("{")
    assert RefusedPin(file).holds(SERIAL, PIN)


def with_mode(mode: int) -> Callable[[Path], None]:
    return lambda file: file.chmod(mode)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (with_mode(0o604), "others may read"),
        (with_mode(0o620), "others may read or change"),
        (lambda file: file.write_bytes(b"\n"), "does not hold a PIN"),
        (lambda file: file.write_bytes(b"\xff"), "does not hold a PIN"),
        (lambda file: file.write_bytes(b"1" * 1000), "does not hold a PIN"),
        (Path.unlink, "cannot read"),
    ],
)
def test_a_pin_file_that_cannot_serve_is_refused(
    tmp_path: Path, change: Callable[[Path], object], says: str
) -> None:
    file = tmp_path / "pin"
    file.write_text(f"{PIN}\n")
    file.chmod(0o640)
    assert read_pin(file) == PIN
    change(file)
    with pytest.raises(KeyRefused, match=says):
        read_pin(file)
