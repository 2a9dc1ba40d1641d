"""A process that appends small acts to the archive of a home, and says of each what became of it,
one JSON a line.

python -m tests.torture.writer HOME NAME COUNT: the acts are `NAME.0`, `NAME.1`, ... (seal chains,
the simplest act there is). One that was refused is not tried again: it may have been written all
the same, once.
"""

import json
import sys
import time
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from api.home import Home
from archive.acts import seal_chain
from archive.acts.envelope import ActActor, Draft
from archive.base.errors import KhoError
from archive.process.log import configure_logging
from archive.vault.policy import rolling_until


def main(folder: Path, name: str, count: int) -> None:
    """Append `count` acts, and publish the ledger after each."""
    configure_logging("error")
    with Home.open(folder) as home:
        _ = home.sequencer, home.follow_ups.outbox
        say(ready=True)
        sys.stdin.read()  # until the test lets all of them begin
        for number in range(count):
            label = f"{name}.{number}"
            draft = Draft(
                schema_name=seal_chain.SCHEMA,
                actor=ActActor(name="Thử", role="clerk"),
                chart=None,
                facts={"pem": label},
            )

            def make(_: Session, draft: Draft = draft) -> tuple[Draft, datetime]:
                return draft, rolling_until(home.clock.now())

            try:
                act = home.sequencer.append(make)
                say(label=label, index=act.index if act else None)
                home.follow_ups.outbox.drain("ledger")
            except KhoError as error:
                say(label=label, error=error.code, what=str(error))
                time.sleep(0.2)


def say(**members: object) -> None:
    """Print one line at once."""
    print(json.dumps(members), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
