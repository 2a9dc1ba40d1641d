"""The look of the pages: one small set of styles of our own, readable by day and by night."""

import re
from pathlib import Path

import pytest

import api.web

FOLDER = Path(api.web.__file__).parent
STYLES = {name: (FOLDER / "static" / name).read_text("utf-8") for name in ("parts.css", "kho.css")}
MOST = 60_000  # bytes of styles and pictures that a browser loads for the look of all pages
_STATED = re.compile(r'class="([^"]*)"|class_?=\s*"([^"]*)"')
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
# In the order of the tokens: what is written, and on which ground.
WRITTEN = [
    (text, ground)
    for text in ("ink", "soft", "accent", "accent-dark")
    for ground in ("paper", "ground", "accent-pale")
] + [
    (f"{tone}", ground)
    for tone in ("good", "warn", "bad", "plain")
    for ground in (f"{tone}-pale", "paper", "ground")
]


def tokens(theme: str) -> dict[str, str]:
    """Return the colours of a theme."""
    light, _, rest = STYLES["parts.css"].partition("@media screen and (prefers-color-scheme: dark)")
    by_day = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light))
    by_night = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", rest[: rest.index("/* Elements")]))
    return by_day if theme == "light" else {**by_day, **by_night}


def contrast(text: str, ground: str) -> float:
    """Return the contrast of two colours by WCAG 2.2."""
    high, low = sorted((luminance(text), luminance(ground)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_of_text_is_readable_on_its_grounds(theme: str) -> None:
    colours = tokens(theme)
    poor = [
        (text, ground, round(contrast(colours[text], colours[ground]), 2))
        for text, ground in WRITTEN
        if contrast(colours[text], colours[ground]) < 4.5
    ]
    assert not poor
    for solid in ("solid", "solid-dark"):
        assert contrast("#ffffff", colours[solid]) >= 4.5
    for ground in ("paper", "ground"):  # borders of fields, and what shows the focus: 1.4.11
        assert contrast(colours["edge"], colours[ground]) >= 3
        assert contrast(colours["focus"], colours[ground]) >= 3


def test_all_styles_together_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in (FOLDER / "static").iterdir()}
    assert sum(sizes.values()) < MOST, sizes


def test_every_class_of_a_page_has_a_style() -> None:
    styled = set(re.findall(r"\.([a-zA-Z][\w-]*)", "\n".join(STYLES.values())))
    unknown = {
        f"{path.name}: {name}"
        for path in FOLDER.glob("templates/*.html")
        for groups in _STATED.findall(path.read_text("utf-8"))
        for name in _JINJA.sub("{}", "".join(groups)).split()
        if re.fullmatch(r"[a-zA-Z][\w-]*", name) and name not in styled
    }
    assert unknown == set()


def test_every_colour_that_a_style_names_is_a_token() -> None:
    named = set(re.findall(r"var\(--([a-z-]+)", "\n".join(STYLES.values())))
    stated = set(re.findall(r"--([a-z-]+):", "\n".join(STYLES.values())))
    assert named - stated == set()
