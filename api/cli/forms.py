"""`kho forms …`: the forms that this archive knows, what they ask, and what they look like."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.context import Caller, command_options
from archive.base.bilingual import Text

if TYPE_CHECKING:
    from ingest.forms.model import Form

_COUNT = Text(
    "{count} mẫu, {own} của cơ sở; {broken} định nghĩa có lỗi.",
    "{count} forms, {own} of the facility; {broken} definitions with faults.",
)
_SOUND = Text("Mọi định nghĩa đều đúng.", "Every definition is right.")
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_MOST_DATA = 8_000_000  # bytes of a paper's data


@click.group("forms")
def command() -> None:
    """Mẫu biểu: xem, in thử, kiểm tra định nghĩa. The forms: list, preview, check them."""


@command.command("list")
@command_options
def list_forms(caller: Caller) -> int:
    """Liệt kê các mẫu: mã, tên, nguồn, độ chắc chắn, hiệu lực. List every form and version."""
    with caller.open() as home:
        catalog = home.open_for_reading().forms
    caller.answer({"forms": [_summary(form) for form in catalog.forms]})
    for form in catalog.forms:
        until = f"{form.valid.until:%d/%m/%Y}" if form.valid.until else ""
        days = f"{form.valid.since:%d/%m/%Y} – {until}"
        title = form.title.text.to(caller.language)
        own = " *" if (form.code, form.version) in catalog.own else ""
        caller.say(
            f"{form.code:<11} {form.version:>2}  {form.layout_source:<11} {days:<24} {title}{own}"
        )
    counts = {"count": len(catalog.forms), "own": len(catalog.own), "broken": len(catalog.broken)}
    caller.say(_COUNT.fill(**counts))
    return 0


@command.command("show")
@click.argument("code")
@click.option("--version", type=int, help="Bản nào / which version; default: the newest.")
@command_options
def show_form(caller: Caller, code: str, version: int | None) -> int:
    """Xem các trường của một mẫu. Show what a form asks for."""
    with caller.open() as home:
        form = home.open_for_reading().forms.version(code, version)
    caller.answer({**_summary(form), "schema": form.data_schema()})
    caller.say(f"{form.code} · {form.title.text.to(caller.language)}")
    caller.say(form.source)
    for section in form.sections:
        caller.say(f"\u2014 {section.title.text.to(caller.language)}")
        for field in section.fields:
            required = " (bắt buộc / required)" if field.required else ""
            label = field.label.text.to(caller.language)
            caller.say(f"  {field.name:<28} {field.type:<12} {label}{required}")
    return 0


@command.command("check")
@click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@command_options
def check_forms(caller: Caller, folder: Path | None) -> int:
    """Kiểm tra định nghĩa của cơ sở trong {home}/forms, hay trong FOLDER.

    Check the facility's own definitions: every fault with its file, line and column.
    """
    from ingest.forms.catalog import FormCatalog

    if folder is None:
        with caller.open() as home:
            catalog = home.open_for_reading().forms
    else:
        catalog = FormCatalog.load(folder)
    caller.answer({"own": len(catalog.own), "faults": [each.as_json() for each in catalog.broken]})
    for each in catalog.broken:
        caller.say(f"✗ {each.place}: {each.message.to(caller.language)}")
    if not catalog.broken:
        caller.say(_SOUND)
    return 1 if catalog.broken else 0


@command.command("schema")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Thư mục / a folder.")
@command_options
def write_schemas(caller: Caller, output: Path | None) -> int:
    """Ghi JSON Schema của mọi mẫu vào thư mục, mỗi bản một tệp.

    Write the JSON Schema of the data of every form, a file for each version.
    """
    with caller.open() as home:
        forms = home.open_for_reading().forms.forms
    folder = output or Path("forms-schema")
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for form in forms:
        name = f"{form.code.replace('/', '_')}-{form.version}.schema.json"
        text = json.dumps(form.data_schema(), ensure_ascii=False, indent=1) + "\n"
        (folder / name).write_text(text, "utf-8")
        names.append(name)
    caller.answer({"folder": str(folder), "files": names})
    caller.say(f"{folder}: {len(names)} tệp / files")
    return 0


@command.command("preview")
@click.argument("code")
@click.option("--version", type=int, help="Bản nào / which version; default: the newest.")
@click.option(
    "--data",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Dữ liệu của giấy (JSON) / the paper's data (JSON).",
)
@click.option("--sample", is_flag=True, help="Ví dụ điền đủ / the filled example.")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@command_options
def preview(
    caller: Caller, code: str, version: int | None, data: Path | None, sample: bool, output: Path
) -> int:
    """In thử một mẫu ra PDF: trống, hay với dữ liệu. Không lưu trữ, không ký.

    Make the PDF of a form, blank or with data. It is neither archived nor sealed.
    """
    from archive.files.atomic_file import AtomicFile
    from ingest.forms.samples import sample as example
    from ingest.render.preview import about_sample, preview_job
    from ingest.render.typst_renderer import Renderer

    if data is not None and sample:
        raise click.UsageError("--data, --sample: only one of them")
    with caller.open() as home:
        archive = home.open_for_reading()
        form = archive.forms.version(code, version)
        face, now = archive.letterhead.facility, home.clock.now()
    values = example(form) if sample else _read(data) if data is not None else None
    job = preview_job(form, values, face, now)
    if sample:
        job = about_sample(job)
    pdf = Renderer().render(job)
    with AtomicFile(output) as file:
        file.write(pdf)
        file.publish()
    caller.answer({"form": form.code, "version": form.version, "bytes": len(pdf)})
    caller.say(f"{output}: {form.code}, {len(pdf)} byte")
    return 0


def _read(path: Path) -> Any:
    from api.regular_file import read_regular
    from ingest.sources.strict_json import parse_json

    return parse_json(read_regular(path, _MOST_DATA))


def _summary(form: "Form") -> dict[str, Any]:
    return {
        "code": form.code,
        "version": form.version,
        "title": form.title.text.as_json(),
        "source": form.source,
        "layout": form.layout_source.value,
        "drawn": form.layout.value,
        "valid_from": form.valid.since.isoformat(),
        "valid_to": form.valid.until.isoformat() if form.valid.until else None,
    }
