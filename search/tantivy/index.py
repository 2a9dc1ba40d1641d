"""The search index of an embedded home: Tantivy in an `IndexFolder`, with one writer at a time.

A commit of Tantivy is atomic: a writer that is killed leaves the last commit, and the next one
starts at once.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Self

import tantivy

from archive.access.scope import Scope
from archive.base.errors import Unavailable
from archive.base.identifiers import DocumentId
from search.contract import DEEPEST, ContentRight, Entry, Query, Results
from search.fields import FIELD_NAMES
from search.highlight import Highlighter
from search.plan import Plan, plan
from search.stored_hit import StoredHit, hit
from search.tantivy import order, schema
from search.tantivy.index_folder import IndexFolder, broken
from search.tokens import ANALYSIS_VERSION

FORMAT_VERSION = 3
"""Increased with every change of the schema: an index of another version must be rebuilt."""

_MADE_BY: dict[str, str | int] = {
    "engine": "tantivy",
    "format": FORMAT_VERSION,
    "analysis": ANALYSIS_VERSION,
}
_WRITER_MEMORY = 64 << 20  # bytes; what the writer collects before it makes a segment
_LOOKED_UP = 1000  # documents in one query
_Address = tuple[int, int]  # a document's segment, and its place there
_TANTIVY_ERRORS = (ValueError, OSError, RuntimeError, KeyError)


class TantivyEngine:
    """The :class:`search.contract.Engine` of an index in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self) -> "TantivyIndex":
        """Open the index; raises IndexUnusable where there is none that can be used."""
        return TantivyIndex(self._folder)

    def remade(self) -> AbstractContextManager["TantivyIndex"]:
        """Rebuild the index; see :meth:`TantivyIndex.remade`."""
        return TantivyIndex.remade(self._folder)

    def close(self) -> None:
        """Do nothing: an index is closed by itself."""


class TantivyIndex:
    """A :class:`search.contract.Index` in a folder.

    Safe for threads; close it, or use it in a `with`.

    Opening and searching take no lock, and see at once what any process has committed. The first
    write takes the writer's lock and keeps it until :meth:`release_writer` or :meth:`close`.
    """

    def __init__(self, folder: Path | IndexFolder) -> None:
        """Open the index in `folder`.

        Raises IndexUnusable where it has to be made by :meth:`remade`.
        """
        self._folder = folder if isinstance(folder, IndexFolder) else IndexFolder(folder, _MADE_BY)
        self._writing_turn = threading.RLock()
        self._reading_turn = threading.Lock()  # another one: a search never waits for a commit
        self._writer: tantivy.IndexWriter | None = None
        self._schema = schema.schema()
        self._translator = schema.Translator(self._schema)
        self._open()

    @classmethod
    @contextmanager
    def remade(cls, folder: Path) -> Iterator[Self]:
        """Yield an empty index to fill, beside the one that serves.

        It takes over when the block ends, and the old one is removed. After an error or a kill in
        the block the old one serves on, or there is none: a half-fed index never counts as a whole
        one. Raises IndexBusy, Unavailable.
        """
        place = IndexFolder(folder, _MADE_BY)
        with place.rebuilding():
            with _unavailable_if_it_fails():
                tantivy.Index(schema.schema(), path=str(place.serving()))
            with cls(place) as index:
                yield index

    @classmethod
    def recreate(cls, folder: Path) -> Self:
        """Replace the index in `folder` by an empty one and open it.

        Raises as :meth:`remade` does.
        """
        with cls.remade(folder):
            pass
        return cls(folder)

    def put(self, entries: Iterable[Entry]) -> None:
        """Add entries, replacing those with the same document id.

        All are durable and visible, or none are.

        They are held in memory together: feed many in batches. Raises IndexBusy, IndexUnusable, and
        :class:`archive.base.errors.Unavailable` where the disk refuses.
        """
        with self._turn():  # before the entries are read: no process can put newer ones meanwhile
            documents = {entry.document_id: schema.document(entry) for entry in entries}
            with self._writing() as writer:
                for document_id, document in documents.items():
                    writer.delete_documents_by_term("document_id", document_id)
                    writer.add_document(document)

    def remove(self, document_ids: Iterable[DocumentId]) -> None:
        """Forget these documents; raises as :meth:`put` does."""
        forgotten = tuple(document_ids)
        with self._writing() as writer:
            for document_id in forgotten:
                writer.delete_documents_by_term("document_id", document_id)

    def clear(self) -> None:
        """Remove every entry; raises as :meth:`put` does."""
        with self._writing() as writer:
            writer.delete_all_documents()

    def search(
        self, query: Query, scope: Scope, right: ContentRight = ContentRight.NONE
    ) -> Results:
        """Return what `query` finds within `scope`, and nothing outside it.

        Raises IndexUnusable.
        """
        planned = plan(query, scope, right)
        with _unusable_if_it_fails():
            searcher = self._searcher_now()
            # Tantivy allocates memory for every requested hit
            first = min(max(query.offset, 0), DEEPEST)
            last = min(first + max(query.limit, 0), DEEPEST)
            total, ranked = order.best(searcher, self._translator, planned, last)
            page = [
                (score, (at.segment_ord, at.doc), *_kept(searcher.doc(at)))
                for score, at in ranked[first:last]
            ]
            why = self._why(searcher, planned, {at: kept.document_id for _, at, kept, _ in page})
            highlighter = Highlighter(planned)
            hits = tuple(
                hit(kept, score, tuple(why[at]), highlighter, body)
                for score, at, kept, body in page
            )
        return Results(total, hits, planned.ignored)

    def bodies(self, document_ids: Iterable[DocumentId]) -> dict[DocumentId, str]:
        """Return the texts that were put of these documents; raises IndexUnusable."""
        wanted = tuple(document_ids)
        kept: dict[DocumentId, str] = {}
        with _unusable_if_it_fails():
            searcher = self._searcher_now()
            for start in range(0, len(wanted), _LOOKED_UP):
                some = wanted[start : start + _LOOKED_UP]
                for _, at in searcher.search(self._translator.documents(some), len(some)).hits:
                    stored, body = _kept(searcher.doc(at))
                    if body is not None:
                        kept[stored.document_id] = body
        return kept

    def count(self) -> int:
        """Return how many entries there are; raises IndexUnusable."""
        with _unusable_if_it_fails():
            return int(self._searcher_now().num_docs)

    def release_writer(self) -> None:
        """Give the writer's lock back, after Tantivy has finished its merges.

        The next write takes it again.
        """
        with self._writing_turn, _unusable_if_it_fails():
            self._drop_writer()

    def close(self) -> None:
        """Release files and locks; a closed index may be closed again."""
        self.release_writer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> None:
        """Open Tantivy's files again."""
        segments = self._folder.serving()
        with _unusable_if_it_fails():
            self._segments = segments
            self._seen = self._commit_seen()
            self._index = tantivy.Index.open(str(segments))
            self._index.config_reader("manual")
            self._searcher = self._index.searcher()

    def _commit_seen(self) -> tuple[int, ...]:
        """Return what tells one commit from another.

        Tantivy puts a new `meta.json` in the old one's place, and a rebuild a new folder's name
        into `format.json`.
        """
        stat = (self._segments / "meta.json").stat()
        return *self._folder.seen(), stat.st_ino, stat.st_mtime_ns, stat.st_size

    def _searcher_now(self) -> tantivy.Searcher:
        with self._reading_turn:
            try:
                is_same = self._commit_seen() == self._seen
            except FileNotFoundError:  # a rebuild has removed the old segments
                is_same = False
            if not is_same:
                self._open()
            return self._searcher

    @contextmanager
    def _turn(self) -> Iterator[tantivy.IndexWriter]:
        """Yield the writer to one thread.

        After any error nothing is written, and the lock is released.
        """
        with self._writing_turn:
            try:
                with _unavailable_if_it_fails():
                    writer = self._writer or self._take_writer()
                yield writer
            except BaseException:  # any error: uncommitted changes must not be committed later
                with suppress(*_TANTIVY_ERRORS):  # the first error is the one to raise
                    self._drop_writer()
                raise

    @contextmanager
    def _writing(self) -> Iterator[tantivy.IndexWriter]:
        """Yield the writer and commit."""
        with self._turn() as writer, _unavailable_if_it_fails():
            yield writer
            writer.commit()

    def _take_writer(self) -> tantivy.IndexWriter:
        self._folder.acquire()
        try:
            with self._reading_turn:
                self._open()  # another process may have rebuilt the index
            self._writer = self._index.writer(_WRITER_MEMORY, 1)
        finally:
            if self._writer is None:
                self._folder.release()
        return self._writer

    def _drop_writer(self) -> None:
        """End the writer, without a commit.

        Merely forgotten, it would live on in an error's frames, with its lock.
        """
        writer, self._writer = self._writer, None
        if writer is not None:
            try:
                writer.wait_merging_threads()
            finally:
                self._folder.release()

    def _why(
        self, searcher: tantivy.Searcher, planned: Plan, page: Mapping[_Address, DocumentId]
    ) -> dict[_Address, list[str]]:
        """Return for each hit the fields that matched: one small search a field."""
        why: dict[_Address, list[str]] = {at: [] for at in page}
        by_field, document_ids = planned.clauses_by_field(), list(page.values())
        for name in FIELD_NAMES:
            if name in by_field and document_ids:
                query = self._translator.any_of(by_field[name], document_ids)
                for _, at in searcher.search(query, len(document_ids)).hits:
                    why[at.segment_ord, at.doc].append(name)
        return why


def _kept(document: tantivy.Document) -> tuple[StoredHit, str | None]:
    """Return what is kept of an entry: its hit, and its text where it was read."""
    body = document.get_first("kept_body")
    return (
        StoredHit.read(document.get_first("hit") or b""),
        None if body is None else bytes(body).decode("utf-8"),
    )


@contextmanager
def _unusable_if_it_fails() -> Iterator[None]:
    """Turn what Tantivy raises for files that are missing or torn into IndexUnusable."""
    try:
        yield
    except BaseException as error:
        if _is_of_tantivy(error):
            raise broken(error) from error
        raise


@contextmanager
def _unavailable_if_it_fails() -> Iterator[None]:
    """Turn what Tantivy raises while it writes into Unavailable."""
    try:
        yield
    except BaseException as error:
        if _is_of_tantivy(error):
            raise Unavailable(component="Tantivy", why=type(error).__name__) from error
        raise


def _is_of_tantivy(error: BaseException) -> bool:
    """Tell whether Tantivy raised this.

    Its panics are no Exceptions, and their class cannot be imported.
    """
    return isinstance(error, _TANTIVY_ERRORS) or type(error).__name__ == "PanicException"
