"""Whether this installation can be a demonstration: a production wheel holds neither test PKI nor
invented charts.
"""

from importlib.util import find_spec

from archive.base.errors import Misconfigured

PARTS = ("certomancer", "ingest.samples", "signing.testpki")


class DemonstrationMissing(Misconfigured):
    """The installation lacks what a demonstration needs."""

    code = "demo.not_installed"


def require_demonstration() -> None:
    """Raise DemonstrationMissing where a part of the demonstration is not installed."""
    missing = [name for name in PARTS if find_spec(name) is None]
    if missing:
        names = ", ".join(missing)
        raise DemonstrationMissing(why_vi=f"thiếu {names}", why_en=f"it lacks {names}")
