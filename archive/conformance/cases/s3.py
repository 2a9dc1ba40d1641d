"""Where the functions for S3 stores enter themselves."""

from archive.conformance.case import Cases
from archive.conformance.trial import Trial

S3_CASES: Cases[Trial] = Cases()
tries = S3_CASES.tries
