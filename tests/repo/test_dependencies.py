"""Every dependency is explained in docs/dependencies.md, and no licence of theirs binds Kho's own
code.
"""

import re
from importlib.metadata import distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.repo.test_distribution import normal
from tests.repo.tree import ROOT, pyproject

BINDING = re.compile(r"\bA?GPL(v?\d|\b)|(?<!Lesser )General Public License")
DOCUMENT = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")


def test_every_dependency_is_documented() -> None:
    project = pyproject()["project"]
    wanted = [*project["dependencies"], *pyproject()["build-system"]["requires"]]
    wanted += [name for extra in project["optional-dependencies"].values() for name in extra]
    documented = {
        normal(name) for name in re.findall(r"^\| `([^`]+)`", DOCUMENT, flags=re.MULTILINE)
    }
    assert {normal(name) for name in wanted} == documented


def test_nothing_that_kho_links_is_under_the_gpl_or_agpl() -> None:
    # The transitive closure too: what `pip install kho` brings. The LGPL and MPL bind their own
    # files only.
    licences = {name: licence(name) for name in closure(pyproject()["project"]["dependencies"])}
    assert not [name for name in licences if BINDING.search(licences[name])]


@pytest.mark.parametrize(
    ("words", "binds"),
    [
        ("GPL-3.0-or-later", True),
        ("GPLv2", True),
        ("License :: OSI Approved :: GNU Affero General Public License v3", True),
        ("License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)", False),
        ("MPL-2.0", False),
    ],
)
def test_a_binding_licence_is_known_by_its_words(words: str, binds: bool) -> None:
    assert bool(BINDING.search(words)) is binds


def licence(name: str) -> str:
    """Return what an installed distribution says of its licence."""
    metadata = distribution(name).metadata
    stated = [
        line
        for field in ("License-Expression", "Classifier")
        for line in metadata.get_all(field) or []
    ]
    # some put the whole text there
    stated += [text.partition("\n")[0] for text in metadata.get_all("License") or []]
    return "\n".join(stated)


def closure(requirements: list[str]) -> set[str]:
    """Return the names of `requirements` and of all that they require on this machine."""
    waiting, names = [Requirement(line) for line in requirements], set[str]()
    while waiting:
        wanted = waiting.pop()
        here = [
            extra
            for extra in ("", *wanted.extras)
            if not wanted.marker or wanted.marker.evaluate({"extra": extra})
        ]
        if here and canonicalize_name(wanted.name) not in names:
            names.add(canonicalize_name(wanted.name))
            waiting += [Requirement(line) for line in distribution(wanted.name).requires or []]
    return names
