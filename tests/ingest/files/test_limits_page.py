"""People are told the limits that hold."""

import tomllib
from pathlib import Path

import ingest.files
from ingest.sources.limits import DEFAULT_LIMITS
from tests.repo.tree import ROOT


def test_every_limit_stands_on_the_page() -> None:
    page = (ROOT / "docs" / "sources.md").read_text("utf-8")
    told = tomllib.loads((Path(ingest.files.__file__).parent / "limits.toml").read_text("utf-8"))
    limits = [
        told["file_bytes"],
        DEFAULT_LIMITS.files_bytes,
        *told["pdf"].values(),
        *told["image"].values(),
    ]
    limits += [*told["examine"].values(), told["convert"]["seconds"], told["recognise"]["seconds"]]
    assert not [limit for limit in limits if f"{limit:,}".replace(",", ".") not in page]
    assert DEFAULT_LIMITS.record_bytes == 16 << 20
