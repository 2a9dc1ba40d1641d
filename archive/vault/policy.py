"""How long objects are locked before the law says for how long: a short rolling period, renewed in
good time.
"""

from datetime import datetime, timedelta

ROLLING = timedelta(days=90)  # an open chart's objects, acts and the ledger
RENEW_BELOW = timedelta(days=45)  # renewed by any writing command when less is left
WARN_BELOW = timedelta(days=30)  # `kho check` warns when even less is left


def rolling_until(now: datetime) -> datetime:
    """Return the end of a rolling lock that starts `now`, in whole seconds as every store keeps
    them.
    """
    return (now + ROLLING).replace(microsecond=0)
