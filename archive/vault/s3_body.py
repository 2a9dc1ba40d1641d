"""An object's bytes as they come from the store.

The stream speaks of failures in the vault's errors.
"""

import io

from urllib3.response import BaseHTTPResponse

from archive.vault.s3_client import talking


class Body(io.RawIOBase):
    """The body of a GET.

    Closing it returns the connection to the pool, or ends it where the body was not read fully.

    A body that is cut short raises :class:`VaultUnreachable`: it is never taken for a shorter
    object.
    """

    def __init__(self, response: BaseHTTPResponse, component: str, doing: str) -> None:
        super().__init__()
        self._response = response
        self._component = component
        self._doing = doing

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` with the next bytes and return how many; 0 at the end."""
        with talking(self._component, self._doing):
            data = self._response.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Give the connection back."""
        if not self.closed:
            self._response.close()
            self._response.release_conn()
        super().close()
