"""A large body is announced: the application decides on the headers alone, and the body is read
after that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from archive.base.errors import KhoError

KEY = "kho.announcement"  # in the WSGI environment
STRANGERS = ""  # the caller's name of every request that needs no sign-in: they share one quota


@dataclass(eq=False)
class Announcement:
    """What the application decided about a body that has not arrived."""

    admitted: bool = False
    caller: str = STRANGERS
    account: Any = None  # of the caller, kept so that the application authenticates it only once
    # what the application does where the server refuses the rest of the body
    refused: Callable[[KhoError], None] | None = None

    def admit(
        self,
        caller: str,
        account: Any = None,
        refused: Callable[[KhoError], None] | None = None,
    ) -> None:
        """Let the body come; `caller` is the name under which its size counts."""
        self.admitted, self.caller, self.account = True, caller, account
        self.refused = refused


def waiting(environ: Mapping[str, Any]) -> Announcement | None:
    """Return the announcement where this call is about headers alone; the application then does
    nothing else.
    """
    announcement = environ.get(KEY)
    return (
        announcement
        if isinstance(announcement, Announcement) and not announcement.admitted
        else None
    )


def known_account(environ: Mapping[str, Any]) -> Any:
    """Return the account that was authenticated when the body was announced; None if no body was
    announced.
    """
    announcement = environ.get(KEY)
    return announcement.account if isinstance(announcement, Announcement) else None
