"""How every file of ours looks: it says what it is, holds one idea, and carries nothing of this
machine.
"""

import ast
import re
import unicodedata

import pytest

from tests.repo.tree import ROOT, modules, packages, texts

LONGEST = 400  # lines; more is a sign that two ideas met


def test_every_module_says_in_its_first_line_what_lives_there() -> None:
    silent = [
        str(path)
        for path in modules()
        if not texts()[path].startswith(('"""', 'r"""'))
        or not ast.get_docstring(ast.parse(texts()[path]))
    ]
    assert not silent


def test_no_file_of_the_packages_holds_more_than_one_idea() -> None:
    code = {".py", ".typ", ".html", ".css", ".js"}
    long = {
        str(path): text.count("\n")
        for path, text in texts().items()
        if path.parts[0] in packages() and path.suffix in code and text.count("\n") > LONGEST
    }
    assert not long


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        (
            "a registry's address",
            r"https?://[^/ ]*(pypi|pythonhosted|npmjs|debian|maven|golang|crates)[^/ ]*/",
        ),
        ("an index option", r"--(extra-)?index" + r"-url"),
        ("a path of the machine it was written on", r"(^|[^.A-Za-z0-9_])/(work|root)/[A-Za-z.]"),
        ("unfinished work", r"\b(TO" + r"DO|FIX" + r"ME)\b"),
        ("a private key", r"-----BEGIN [A-Z ]*PRIVATE" + r" KEY-----"),
    ],
)
def test_no_file_holds(what: str, pattern: str) -> None:
    lines_found = [
        f"{path}:{number}"
        for path, text in texts().items()
        for number, line in enumerate(text.splitlines(), start=1)
        if re.search(pattern, line)
    ]
    assert not lines_found, f"{what} in {lines_found}"


def test_files_that_must_survive_are_written_in_one_place() -> None:
    by_hand = re.compile(
        r"os\.f(data)?sync|O_TMPFILE|mkstemp|mkdtemp|NamedTemporaryFile|TemporaryDirectory"
    )
    lines_found = [
        str(path)
        for path in modules()
        if path.parts[0] in packages()
        and path.parts[:2] != ("archive", "files")
        and by_hand.search(texts()[path])
    ]
    assert not lines_found, f"archive/files does that; {lines_found}"


def test_every_text_is_in_normal_form_c() -> None:
    assert not [
        str(path)
        for path, text in texts().items()
        if path.parts[0] != "tests" and not unicodedata.is_normalized("NFC", text)
    ]


def test_every_broad_except_raises_again_or_says_why() -> None:
    silent = []
    for path in modules():
        lines = texts()[path].splitlines()
        for node in ast.walk(ast.parse(texts()[path])):
            if (
                isinstance(node, ast.ExceptHandler)
                and broad(node)
                and not isinstance(node.body[-1], ast.Raise)
            ):
                # the line above, its own, and its first statement
                said = lines[node.lineno - 2 : node.body[0].lineno]
                if not any("#" in line for line in said):
                    silent.append(f"{path}:{node.lineno}")
    assert not silent


def test_the_packages_have_an_init_in_every_folder_with_modules() -> None:
    folders = {path.parent for path in modules()}
    assert not [str(folder) for folder in folders if not (ROOT / folder / "__init__.py").exists()]


def broad(handler: ast.ExceptHandler) -> bool:
    """Return whether an `except` catches errors of every kind."""
    return handler.type is None or (
        isinstance(handler.type, ast.Name) and handler.type.id.removeprefix("Base") == "Exception"
    )
