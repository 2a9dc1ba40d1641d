"""One PIN, tried once: a token locks itself after a few wrong ones.

A lock keeps processes of one home from trying at the same moment. What was refused is remembered
(`refused_pin.py`).
"""

import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout
from pkcs11 import Token
from pkcs11.constants import TokenFlag
from pkcs11.exceptions import PinLocked, PKCS11Error

from archive.files.folders import make_folder
from signing.errors import DeviceAway, KeyRefused, PinRefused
from signing.keys.pkcs11.refused_pin import NOT_JUDGED, RefusedPin

T = TypeVar("T")

LOCK_SECONDS = 40.0  # processes that start together log in one after another
# Held while a token judges a PIN: the process does not end of itself before the answer is written.
UNDER_WAY = threading.Lock()
_MOST_BYTES = 256  # of a PIN file


def read_pin(file: Path) -> str:
    """Return the PIN in `file`, its last line end dropped.

    Raises :class:`signing.errors.KeyRefused` where the file cannot be read, or where others than
    its owner and its group may read it.
    """
    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            data = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        raise KeyRefused(
            why_vi=f"không đọc được tệp mã PIN (seal.pkcs11.pin_file: {error.strerror})",
            why_en=f"Kho cannot read the PIN file (seal.pkcs11.pin_file: {error.strerror})",
        ) from error
    if mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise KeyRefused(
            why_vi="người khác đọc hoặc sửa được tệp mã PIN (seal.pkcs11.pin_file); chạy chmod 600",
            why_en="others may read or change the PIN file (seal.pkcs11.pin_file); "
            "set its mode to 600",
        )
    try:
        pin = data.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        pin = ""
    if not pin or len(data) > _MOST_BYTES:
        raise KeyRefused(
            why_vi="tệp mã PIN không chứa một mã PIN", why_en="the PIN file does not hold a PIN"
        )
    return pin


def log_in(
    token: Token, pin: str, refused: RefusedPin, open_session: Callable[[], T], *, again: bool
) -> T:
    """Return `open_session()`, which tries `pin` at `token`; with `again` a person asked for it.

    Raises :class:`signing.errors.PinRefused` before the try where this PIN was refused already, or
    where the token says that a wrong PIN was entered (CKF_USER_PIN_COUNT_LOW and the like);
    after the try where the token refuses it. Raises PKCS11Error where the PIN was not judged,
    :class:`signing.errors.DeviceAway` where other processes try for too long.
    """
    with _alone(refused.file):
        known = refused.holds(token.serial, pin)
        if known and not again:
            raise PinRefused(
                why_vi="thẻ đã từ chối chính mã PIN này, hoặc lần thử trước không có câu trả lời",
                why_en="the token refused this very PIN before, "
                "or the last try ended without an answer",
            )
        # A wrong PIN that Kho itself tried, and that a person has replaced, explains a low counter.
        require_tries_left(token.flags, may_be_low=again or refused.exists())
        with UNDER_WAY, refused.while_tried(token.serial, pin):
            try:
                return open_session()
            except NOT_JUDGED:
                raise
            except PinLocked as error:
                raise PinRefused(
                    why_vi="thẻ đã khóa mã PIN", why_en="the token has locked its PIN"
                ) from error
            except PKCS11Error as error:
                answer = type(error).__name__
                raise PinRefused(
                    why_vi=f"thẻ không nhận mã PIN ({answer})",
                    why_en=f"the token does not accept the PIN ({answer})",
                ) from error


@contextmanager
def _alone(refused_file: Path) -> Iterator[None]:
    """Keep other processes of this home from trying a PIN for the block."""
    make_folder(refused_file.parent)
    # A lock of its own: to import Kho's leases takes longer than the login.
    lock = FileLock(refused_file.with_suffix(".lock"))
    try:
        lock.acquire(timeout=LOCK_SECONDS, poll_interval=0.01)
    except Timeout as error:
        raise DeviceAway(
            why_vi="các tiến trình khác đang đăng nhập quá lâu",
            why_en="other processes take too long to log in",
        ) from error
    try:
        yield
    finally:
        lock.release()


def require_tries_left(flags: TokenFlag, *, may_be_low: bool) -> None:
    """Raise PinRefused where a wrong PIN could lock the token, or where somebody entered one."""
    if flags & TokenFlag.USER_PIN_LOCKED:
        raise PinRefused(
            why_vi="thẻ đã khóa mã PIN (CKF_USER_PIN_LOCKED)",
            why_en="the token has locked its PIN (CKF_USER_PIN_LOCKED)",
        )
    if flags & TokenFlag.USER_PIN_FINAL_TRY:
        raise PinRefused(
            why_vi="thẻ chỉ còn một lần thử mã PIN (CKF_USER_PIN_FINAL_TRY); "
            "hãy đăng nhập một lần bằng phần mềm của nhà cung cấp",
            why_en="the token has one try left for its PIN (CKF_USER_PIN_FINAL_TRY); "
            "log in once with the vendor's own program",
        )
    if flags & TokenFlag.USER_PIN_COUNT_LOW and not may_be_low:
        raise PinRefused(
            why_vi="có người đã nhập sai mã PIN của thẻ (CKF_USER_PIN_COUNT_LOW)",
            why_en="a wrong PIN has been entered at the token (CKF_USER_PIN_COUNT_LOW)",
        )
