"""The indices of one facility in Elasticsearch.

This module knows which index serves, which are fed, and how a new index takes over.

{prefix}-{facility}-documents                   alias of the index that serves searches
{prefix}-{facility}-documents-write             alias of every index that is fed: also a new one
{prefix}-{facility}-documents-{schema}-{stamp}  the indices; `schema` is `v{format}-{analysis}`
{prefix}-{facility}-documents-{schema}          the index template of a schema
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from elasticsearch import ApiError, Elasticsearch

from archive.base.bilingual import Text
from archive.base.errors import Misconfigured
from archive.base.identifiers import FacilityCode, new_id
from search.elastic.connection import COUNTING, REBUILDING, ElasticConnection, away, is_missing
from search.elastic.schema import MADE_BY, SCHEMA, template
from search.errors import IndexMissing, IndexNewer, IndexUnusable

# what Elasticsearch takes for the beginning of a name
_PREFIX = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}", re.ASCII)
_PRIORITY = 500  # above the templates that Elasticsearch brings along


@dataclass(frozen=True, slots=True)
class FacilityIndex:
    """An index, and what made it (None where it does not say)."""

    name: str
    by: dict[str, str | int] | None

    @property
    def is_ours(self) -> bool:
        """Whether this version of Kho made it."""
        return self.by == MADE_BY

    def check(self) -> None:
        """Raise IndexNewer or IndexUnusable unless this version of Kho may write to it."""
        if self.is_ours:
            return
        if self.by is not None and self._versions() > (MADE_BY["format"], MADE_BY["analysis"]):
            raise IndexNewer
        raise IndexUnusable(
            why_vi="do phiên bản Kho khác lập", why_en="another version of Kho made it"
        )

    def _versions(self) -> tuple[int | str, int | str]:
        versions = [(self.by or {}).get(name) for name in ("format", "analysis")]
        first, second = (version if isinstance(version, int) else 0 for version in versions)
        return first, second


class ElasticIndices:
    """The indices of one facility.

    Only the holder of the index's lease makes, switches or removes any.
    """

    def __init__(self, connection: ElasticConnection, prefix: str, facility: FacilityCode) -> None:
        """Form the names; no request is sent yet. Raises Misconfigured for an invalid prefix."""
        if not _PREFIX.fullmatch(prefix):
            raise Misconfigured(
                why_vi="search.prefix: a-z 0-9 _ -", why_en="search.prefix: a-z 0-9 _ -"
            )
        self._connection = connection
        self.alias = f"{prefix}-{facility}-documents".lower()
        self.write_alias = f"{self.alias}-write"
        self._template = f"{self.alias}-{SCHEMA}"

    def serving(self) -> FacilityIndex:
        """Return the index that serves; raises IndexMissing where there is none, IndexAway."""
        indices = self._indices(self.alias, COUNTING)
        if len(indices) != 1:
            raise away(
                Text("bí danh đọc không chỉ một chỉ mục", "its alias names more than one index"),
                COUNTING,
            )
        return indices[0]

    def fed(self, undone: Text) -> list[FacilityIndex]:
        """Return every index that is fed; raises IndexMissing where there is none, IndexAway."""
        return self._indices(self.write_alias, undone)

    def make(self, now: datetime) -> str:
        """Make a new empty index that is fed and does not serve yet, and return its name.

        The template prevents a late write to the name of a removed index from creating that index
        again.
        """
        name = f"{self._template}-{now:%Y%m%dt%H%M%S}-{new_id()[-6:]}"
        whole = {
            "index_patterns": [f"{self._template}-*"],
            "priority": _PRIORITY,
            "allow_auto_create": False,
            "template": template(),
        }
        self._connection.write(
            REBUILDING, lambda es: es.indices.put_index_template(name=self._template, body=whole)
        )

        def create(es: Elasticsearch) -> bool:
            answer = es.indices.create(index=name, aliases={self.write_alias: {}})
            return answer["acknowledged"] is True and answer["shards_acknowledged"] is True

        if not self._connection.write_once(REBUILDING, create):
            raise away(
                Text("chỉ mục mới chưa sẵn sàng", "the new index did not become ready"), REBUILDING
            )
        if not all(index.is_ours for index in self._indices(name, REBUILDING)):
            raise away(
                Text("mẫu chỉ mục khác đã lấn", "another index template took precedence"),
                REBUILDING,
            )
        return name

    def settle(self, name: str) -> None:
        """Make all that was put into an index visible."""
        self._connection.write(REBUILDING, lambda es: _whole(es.indices.refresh(index=name).body))

    def count(self, name: str, undone: Text) -> int:
        """Return how many documents an index holds that can be found."""
        return self._connection.read(
            undone, lambda es: int(_whole(es.count(index=name).body)["count"])
        )

    def switch(self, name: str) -> None:
        """Let an index serve in place of the present one, atomically.

        The other indices are fed no longer.

        Where the answer was lost, the switch may have happened: Kho checks which index serves
        before it raises.
        """
        others = [index.name for index in self._every() if index.name != name]
        actions: list[dict[str, Any]] = [{"add": {"index": name, "alias": self.alias}}]
        actions += [
            {"remove": {"index": other, "alias": "*", "must_exist": False}} for other in others
        ]
        try:
            self._connection.write_once(
                REBUILDING, lambda es: es.indices.update_aliases(actions=actions)
            )
        except Exception:  # any error (a lost answer, for example): only the result matters
            if self.serving().name != name:
                raise

    def clean(self, *, keep: str | None = None) -> None:
        """Remove every index of the facility but the one that serves and `keep`.

        The others are leftovers of failed rebuilds.
        """
        try:
            kept = {self.serving().name, keep}
        except IndexMissing:
            kept = {keep}
        for index in self._every():
            if index.name not in kept:
                self._connection.write(REBUILDING, _removal(index.name))

    def _every(self) -> list[FacilityIndex]:
        return self._indices(f"{self.alias}-v*", REBUILDING, may_be_none=True)

    def _indices(
        self, name: str, undone: Text, *, may_be_none: bool = False
    ) -> list[FacilityIndex]:
        """Return the indices behind a name, an alias or a pattern."""

        def ask(es: Elasticsearch) -> list[FacilityIndex]:
            answer = es.indices.get_mapping(index=name, allow_no_indices=may_be_none)
            indices = [
                FacilityIndex(name, facts["mappings"].get("_meta", {}).get("kho"))
                for name, facts in answer.items()
            ]
            if not (indices or may_be_none) or not all(
                index.name.startswith(f"{self.alias}-v") for index in indices
            ):
                raise ValueError("no index, or one that is not ours")
            return sorted(indices, key=lambda element: element.name)

        return self._connection.read(undone, ask)


def _whole(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer in which every shard took part; raises ValueError for another."""
    if answer["_shards"]["failed"]:
        raise ValueError("not every shard did it")
    return answer


def _removal(name: str) -> Any:
    def remove(es: Elasticsearch) -> None:
        try:
            es.indices.delete(index=name)
        except ApiError as error:
            if not is_missing(error):  # done by the try whose answer was lost
                raise

    return remove
