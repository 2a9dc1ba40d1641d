"""The error of a home without private keys."""

from archive.base.errors import KhoError


class ReadOnlyHome(KhoError):
    """The home has no private keys: it reads and verifies, and does not write."""

    code = "home.read_only"
