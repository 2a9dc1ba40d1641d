"""A request to stop: a flag that a signal may set at any moment."""

import time

_STEP = 0.2  # seconds between two looks at the flag


class Stop:
    """Set by :meth:`ask`, from a signal handler too: unlike :class:`threading.Event` it takes no
    lock.
    """

    def __init__(self) -> None:
        self.asked = False

    def ask(self) -> None:
        """Request a stop."""
        self.asked = True

    def wait(self, seconds: float) -> None:
        """Sleep for `seconds`, or until a stop is requested."""
        end = time.monotonic() + seconds
        while not self.asked and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _STEP))
