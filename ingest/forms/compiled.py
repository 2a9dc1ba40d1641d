"""Keeps the shipped forms beside Python's own compiled modules, so that a process need not read
and check a hundred definitions again.

The file is in `__pycache__` and holds a pickle. An account that can write there can change Kho's
compiled modules as well, so the file is trusted as they are. Its key is the content of every
definition, group, layout and shared code list, and of the code that reads them. A file with another
key, or a damaged one, is made again.
"""

import contextlib
import gc
import hashlib
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from importlib.util import cache_from_source
from pathlib import Path

import pydantic

from archive.base import facts
from ingest.codes import lists
from ingest.forms.model import Form

_READ = ("*.py", "*/form.yaml", "*/layout.typ", "groups/*.yaml")  # what the forms are made from
_LISTS = ("*.py", "shipped/*.yaml")  # a form holds the codes of the shared lists that it names
_SIZE = hashlib.sha256().digest_size


def compiled(folder: Path, read: Callable[[], tuple[Form, ...]]) -> tuple[Form, ...]:
    """Return the forms of `folder`: the kept ones of the same content, else what `read` returns.

    Forms that were read are kept for the next process, where the place can be written.
    """
    file = Path(cache_from_source(str(folder / "forms.py"))).with_suffix(".pickle")
    key = _key(folder)
    with _no_collection():
        forms = _kept(file, key)
        if forms is None:
            forms = read()
            if not sys.dont_write_bytecode:
                _keep(file, key, forms)
    return forms


def _key(folder: Path) -> bytes:
    content = hashlib.sha256(f"{sys.version}\0{pydantic.VERSION}".encode())
    bases, codes = Path(str(facts.__file__)).parent, Path(str(lists.__file__)).parent
    parts = (
        (bases, "*.py"),
        *((codes, part) for part in _LISTS),
        *((folder, part) for part in _READ),
    )
    for path in (path for place, part in parts for path in sorted(place.glob(part))):
        data = path.read_bytes()
        content.update(f"\0{path.parent.name}/{path.name}\0{len(data)}\0".encode())
        content.update(data)
    return content.digest()


def _kept(file: Path, key: bytes) -> tuple[Form, ...] | None:
    try:
        data = file.read_bytes()
    except OSError:
        return None
    body = data[2 * _SIZE :]
    if data[: 2 * _SIZE] != key + hashlib.sha256(body).digest():
        return None
    forms: tuple[Form, ...] = pickle.loads(body)  # noqa: S301 - as trusted as the .pyc beside it
    return forms


def _keep(file: Path, key: bytes, forms: tuple[Form, ...]) -> None:
    body = pickle.dumps(forms, protocol=5)
    new = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(exist_ok=True)
        new.write_bytes(key + hashlib.sha256(body).digest() + body)
        new.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Pause the collector: forms are many small objects that stay, and it would walk them again
    and again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
