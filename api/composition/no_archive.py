"""The error of a home without an archive."""

from archive.base.errors import KhoError


class NoArchive(KhoError):
    """There is no archive in this home yet."""

    code = "home.empty"
