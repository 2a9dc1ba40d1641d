"""Names and listings: every version is found again, under its own name."""

from collections.abc import Iterator

from archive.base.identifiers import ObjectKey
from archive.base.text import Form, normal
from archive.conformance.case import Broken
from archive.conformance.cases.s3 import tries
from archive.conformance.trial import Trial

WORDS = "Hồ sơ bệnh án/Nguyễn Thị Mẫu"


@tries("name.as_khos")
def _name_as_khos(trial: Trial) -> None:
    for name in (
        "acts/000000000000-" + "a" * 64 + ".json",
        "tile/x001/067",
        "A_b=c.d-e",
        "s" * 200,
    ):
        version = trial.put(trial.path(name))
        trial.must_stand(trial.path(name), version)
        if trial.versions(name) != [version]:
            raise Broken(f"{name[:20]} is not listed under its name")
        trial.delete(trial.path(name), version)


@tries("name.vietnamese")
def _name_vietnamese(trial: Trial) -> None:
    forms: tuple[Form, ...] = ("NFC", "NFD")
    names = {form: normal(WORDS, form) for form in forms}
    versions = {form: trial.put(trial.path(name), form.encode()) for form, name in names.items()}
    for form, name in names.items():
        trial.must_stand(trial.path(name), versions[form], form.encode())
        if trial.versions(name) != [versions[form]]:
            raise Broken(f"{form} is not listed under its own name")
        trial.delete(trial.path(name), versions[form])


@tries("list.pages")
def _list_pages(trial: Trial) -> None:
    must_be_listed_page_by_page(
        trial, ["0-aa.json", "1-bb.json", "12-cc.json", "d/x001/067", "d/x001/068", "e=1"]
    )


@tries("list.pages_of_any_names")
def _list_pages_of_any_names(trial: Trial) -> None:
    """Names that begin others in the same folder, which Kho's never do."""
    must_be_listed_page_by_page(trial, ["a", "a-b", "a.b", "b/c", "b/d", "c=1"])


def must_be_listed_page_by_page(trial: Trial, names: list[str]) -> None:
    """Put `names`, two more versions of one, and a delete marker.

    Raise Broken unless pages give every version once.
    """
    again, hidden = names[3], names[1]
    written = [
        (f"{trial.prefix}{name}", trial.put(trial.path(name), name.encode())) for name in names
    ]
    written += [
        (f"{trial.prefix}{again}", trial.put(trial.path(again), b"again")) for _ in range(2)
    ]
    if not trial.kho.send("DELETE", trial.path(hidden)).ok:
        raise Broken("no delete marker")
    for size in (1, 2, 3, 1000):
        listed = list(paged(trial, size))
        if missing := len(set(written) - set(listed)):
            raise Broken(f"pages of {size} leave out {missing} of {len(written)}")
        if len(listed) > len(written):
            raise Broken(f"pages of {size} give versions twice")
        if [key for key, _ in listed] != sorted(key for key, _ in listed):
            raise Broken(f"pages of {size} are not in the order of names")


def paged(trial: Trial, size: int) -> Iterator[tuple[str, str]]:
    """Yield (key, version) page by page; raises Broken where the pages do not go on."""
    markers: dict[str, str] = {}
    while True:
        page = trial.page(trial.prefix, markers, size)
        yield from ((each.key, each.version) for each in page.versions)
        if page.following is None:
            return
        following = {"key-marker": page.following[0], "version-id-marker": page.following[1]}
        if following == markers:
            raise Broken(f"pages of {size} do not go on")
        markers = following


@tries("list.prefix")
def _list_prefix(trial: Trial) -> None:
    for name in ("ab/c", "ab/d", "abc", "b/ab/c"):
        trial.put(trial.path(name))
    for prefix, wanted in {
        "ab": ["ab/c", "ab/d", "abc"],
        "ab/": ["ab/c", "ab/d"],
        "ab/d": ["ab/d"],
        "c": [],
    }.items():
        keys = [each.key for each in trial.page(trial.prefix + prefix).versions]
        if keys != [ObjectKey(trial.prefix + name) for name in wanted]:
            raise Broken(f"{prefix} gives {len(keys)} instead of {len(wanted)}")
