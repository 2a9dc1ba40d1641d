"""The page states the limits that apply."""

import tomllib
from pathlib import Path

import ingest.files
from ingest.sources.limits import DEFAULT_LIMITS
from tests.repo.tree import ROOT


def test_every_limit_is_on_the_page() -> None:
    page = (ROOT / "docs" / "sources.md").read_text("utf-8")
    raw = tomllib.loads((Path(ingest.files.__file__).parent / "limits.toml").read_text("utf-8"))
    limits = [
        raw["file_bytes"],
        DEFAULT_LIMITS.files_bytes,
        *raw["pdf"].values(),
        *raw["image"].values(),
    ]
    limits += [*raw["examine"].values(), raw["convert"]["seconds"], raw["recognise"]["seconds"]]
    assert not [limit for limit in limits if f"{limit:,}".replace(",", ".") not in page]
    assert DEFAULT_LIMITS.record_bytes == 16 << 20
