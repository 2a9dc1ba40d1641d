"""Whether a submission comes from the ledger that the chart of its episode came from."""

from archive.base.errors import Fault, SubmissionRejected
from ingest.submission import Submission


def require_same_ledger(submission: Submission, ledgers: frozenset[str | None] | None) -> None:
    """Raise SubmissionRejected where the chart came from another ledger than the submission does
    (None: there is no chart).

    So a packet changes no chart of this facility's own or of another sender, and no local message a
    partner's chart.
    """
    received = submission.received
    wanted = (
        {received.came_from.ledger_key if received.came_from else None}
        if received
        else set[str | None]()
    )
    if ledgers is not None and ledgers != wanted:
        raise SubmissionRejected([Fault.of("accession", "/chart/episode", "chart.other_ledger")])
