"""A judge as one warm process: a question is a line on its standard input, the answer one line of
JSON.
"""

import json
import subprocess
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from tests.waiting import PATIENCE


class WarmProcess:
    """One running judge. Close it, or use it in a `with` block."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # its log; an answer that is missing is an error here anyway
            text=True,
            encoding="utf-8",
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._questions, self._answers = self._process.stdin, self._process.stdout

    def ask(self, question: str) -> Any:
        """Return the answer to one line; raises :class:`RuntimeError` where the process ended
        without one.
        """
        self._questions.write(question + "\n")
        self._questions.flush()
        line = self._answers.readline()
        if not line:
            raise RuntimeError(f"the judge ended without an answer to {question}")
        return json.loads(line)

    def close(self) -> None:
        """End the process; a judge stops by itself when there are no more questions."""
        self._questions.close()
        self._process.wait(timeout=PATIENCE)
        self._answers.close()

    def __enter__(self) -> Self:
        """Return the process itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """End the process."""
        self.close()
