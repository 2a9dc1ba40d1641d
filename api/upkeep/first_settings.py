"""The first `kho.toml` of a real facility, with comments that say what belongs there."""

import json
from importlib.resources import files
from pathlib import Path
from string import Template

from archive.base.identifiers import FacilityCode
from archive.base.settings import CONFIG_FILE
from archive.files.durable import create_file


def write_first_settings(folder: Path, code: FacilityCode, tsa_url: str, phone: str) -> Path:
    """Write `{folder}/kho.toml` and return its path; an empty value becomes a comment.

    Raises FileExistsError where there is one: it is not touched.
    """
    text = files(__package__).joinpath("first_settings.template").read_text("utf-8")
    filled = Template(text).substitute(
        facility=json.dumps(code),
        tsa_url=_line("tsa_url", tsa_url, "http://tsa.example.vn/tsa"),
        phone=_line("phone", phone, "024 0000 0000"),
    )
    file = folder / CONFIG_FILE
    create_file(file, filled)
    return file


def _line(name: str, value: str, example: str) -> str:
    """Return a setting as TOML; a JSON string is one of TOML's."""
    stated = f"{name} = {json.dumps(value or example, ensure_ascii=False)}"
    return stated if value else f"# {stated}"
