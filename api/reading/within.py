"""The original of this archive that lies within a file to which others have added.

An update to a PDF leaves the bytes before it as they are (ISO 32000-2, 7.5.6). So the original is
the beginning of the file, up to the end of a signed revision.
"""

from sqlalchemy.orm import Session

from archive.access.scope import Scope
from archive.base.identifiers import sha256
from archive.catalog.records import document_of_digest
from archive.catalog.tables import DocumentRow
from signing.validation.result.report import ValidationReport

MOST_LOOKS = 32  # signed revisions that are looked up, latest first


def within(
    session: Session, data: bytes, report: ValidationReport, scope: Scope
) -> DocumentRow | None:
    """Return the document within `scope` whose original `data` begins with, if `report` says that
    all that follows may follow.
    """
    for end in report.earlier_revisions()[:MOST_LOOKS]:
        document = document_of_digest(session, sha256(data[:end]), scope)
        if document is not None:
            return document
    return None
