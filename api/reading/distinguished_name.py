"""A certificate's distinguished name, as people read it."""

import re

_COMMON_NAME = "Common Name: "
# a common name may hold a comma: "Bệnh viện A, cơ sở 2"
_NEXT_ATTRIBUTE = re.compile(r", (?=[A-Z][A-Za-z /]*: )")


def named(distinguished: str | None) -> tuple[str, str]:
    """Return the common name in a certificate's distinguished name, and the rest of it; a dash for
    nothing.
    """
    parts = _NEXT_ATTRIBUTE.split(distinguished or "–")
    names = [
        part.removeprefix(_COMMON_NAME) for part in parts if part.startswith(_COMMON_NAME)
    ] or parts[:1]
    return names[0], ", ".join(
        part.partition(": ")[2] for part in parts if not part.endswith(names[0])
    )
