"""The names of practitioners that a chart's tables state beside their codes.

Certificates such as XML11 hold a code alone; another table of the same chart may have the name
beside the same code. Nothing is guessed: only fields that the regulation names as a pair count.
"""

from collections.abc import Iterator, Mapping, Sequence

from archive.base.text import same_name
from ingest.render.code_words import code_words
from ingest.sources.bhyt.content import Content, split
from ingest.sources.bhyt.policy import policy
from ingest.sources.bhyt.table import Version


def practitioners(contents: Sequence[Content], version: Version) -> Mapping[str, str]:
    """Return the names by code, as the tables of `version` state them.

    A code with two different names has none here. A name of a sensitive table is left out: other
    papers must not reveal that the table exists.
    """
    stated: dict[str, str] = {}
    disputed: set[str] = set()
    for code, name in _stated(contents, version):
        if not same_name(stated.setdefault(code, name), name):
            disputed.add(code)
    return {code: name for code, name in stated.items() if code not in disputed}


def _stated(contents: Sequence[Content], version: Version) -> Iterator[tuple[str, str]]:
    pairs = {code: name for code, name in code_words().practitioners.items() if name is not None}
    for content in contents:
        table = version.tables.get(content.file.code, content.table)
        if table.code in policy().sensitive:
            continue
        for row in content.rows:
            for code_field, name_field in pairs.items():
                if {code_field, name_field} <= table.fields.keys() & row.values.keys():
                    codes = split(row.values[code_field])
                    if len(codes) == 1:  # of several codes no rule says whose the name is
                        yield codes[0], " ".join(row.values[name_field].split())
