"""The names of the PAdES baseline levels."""

from enum import StrEnum


class BaselineLevel(StrEnum):
    """Levels of EN 319 142-1, 6: signature; with timestamp; with validation data; with archive
    timestamp.
    """

    B_B = "PAdES-B-B"
    B_T = "PAdES-B-T"
    B_LT = "PAdES-B-LT"
    B_LTA = "PAdES-B-LTA"

    @property
    def timestamped(self) -> bool:
        """Whether the signature carries a timestamp."""
        return self is not BaselineLevel.B_B

    @property
    def long_term(self) -> bool:
        """Whether the file carries what validation needs later."""
        return self in (BaselineLevel.B_LT, BaselineLevel.B_LTA)
