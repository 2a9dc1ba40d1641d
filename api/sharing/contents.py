"""Checks that a packet's files are those that its signature covers, unchanged and in order.

Pure; findings only.
"""

from collections.abc import Iterator, Mapping, Sequence

from api.sharing import names
from api.sharing.findings import Code, Finding
from archive.base.identifiers import Sha256, sha256


def compare(
    files: Mapping[str, bytes], expected: Sequence[str], listed: Mapping[str, Sha256] | None
) -> Iterator[Finding]:
    """Yield what is wrong with `files` (in the packet's order).

    `expected` are the names of the files that the signature must cover, in their order; `listed` is
    what the signed list says, None where it cannot be read.
    """
    whole = dict.fromkeys(names.all_names(expected))  # in order, and quick to look up
    yield from (Finding(Code.UNLISTED, name) for name in files if name not in whole)
    for name in whole:
        # these have findings of their own
        if name not in files and name not in (names.MIMETYPE, names.SIGNATURE):
            yield Finding(Code.MISSING, name)
    if [name for name in files if name in whole] != [name for name in whole if name in files]:
        yield Finding(Code.ORDER, "")
    if listed is None:
        yield Finding(Code.ASIC_MANIFEST, names.ASIC_MANIFEST)
        return
    for name, digest in listed.items():
        if name not in files:
            yield Finding(Code.MISSING, name)
        elif sha256(files[name]) != digest:
            yield Finding(Code.CHANGED, name)
    yield from (
        Finding(Code.UNLISTED, name) for name in expected if name in files and name not in listed
    )
    if list(listed) != [name for name in files if name in listed]:
        yield Finding(Code.ORDER, names.ASIC_MANIFEST)
