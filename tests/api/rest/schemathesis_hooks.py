"""What schemathesis must know of media types: the body of a PDF or a packet is bytes."""

from typing import Any

import schemathesis


@schemathesis.serializer("application/pdf", "application/vnd.etsi.asic-e+zip")
def as_bytes(_context: Any, value: Any) -> Any:
    """Send a generated value as the body."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
