"""The answer to a submission: a receipt for each of its papers."""

from collections.abc import Mapping, Sequence

from archive.acts.signed_acts import SignedActs
from archive.base.errors import IntegrityError
from archive.base.identifiers import ObjectKey
from archive.catalog.database import Catalog
from archive.catalog.tables import DocumentRow
from archive.vault.contract import Lock, ObjectMissing, Stored, Vault
from ingest.accession.parse import Parser
from ingest.receipt import Receipt, receipt
from ingest.record import Said
from ingest.submission import Submission


class Receipts:
    """Writes the receipts of one facility."""

    def __init__(self, catalog: Catalog, parser: Parser, vault: Vault, signed: SignedActs) -> None:
        self._catalog, self._parser, self._vault = catalog, parser, vault
        self._signed = signed

    def of(
        self, submission: Submission, says: Said, stored: Sequence[Stored]
    ) -> tuple[Receipt, ...]:
        """Return the receipts of the papers' documents, in the order of the papers.

        A receipt vouches for its object: those that were not `stored` just now are checked. Raises
        IntegrityError, CatalogueAltered, VaultError.
        """
        with self._catalog.read() as session:
            chart = self._parser.chart_of(session, submission)
            assert chart is not None  # it was just archived, or was there
            # in order: the newest counts
            became = {(d.form, d.key, d.content): d for d in chart.documents}
        papers = zip(submission.papers, says.contents, strict=True)
        documents = [became[paper.form, paper.key, content] for paper, content in papers]
        known = {(each.key, each.version): each for each in stored}
        for document in {each.id: each for each in documents}.values():
            if (document.object_key, document.object_version) not in known:
                self._signed.document(document)
        return tuple(
            receipt(submission.source, each, self._lock(each, known)) for each in documents
        )

    def _lock(self, document: DocumentRow, known: Mapping[tuple[ObjectKey, str], Stored]) -> Lock:
        place = ObjectKey(document.object_key), document.object_version
        try:
            lock = (known.get(place) or self._vault.stat(*place)).lock
        except ObjectMissing as error:
            raise IntegrityError(object=document.object_key) from error
        if lock is None:
            raise IntegrityError(object=document.object_key)
        return lock
