"""Two hundred odd PDFs, made here: each kind of page, annotation, field, layer, font, picture and
colour that other makers write. Nothing in them is real.
"""

import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String
from PIL import Image, ImageCms

from tests.ingest.files.marked import Entries, annotation, drawn, field, look, marked, owned, ticked
from tests.ingest.files.papers import plain_pdf, scanned_pdf

Change = Callable[[Pdf], None]
WORDS = "Glucose 5.4 mmol/L"
QUAD = Array([302, 528, 410, 528, 302, 505, 410, 505])


@dataclass(frozen=True)
class Odd:
    """A file; `shows` are words that its pages must keep, `hides` words that they must not have."""

    id: str
    data: bytes
    shows: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()


def changed(change: Change, *, base: bytes | None = None, **kept: Any) -> bytes:
    """Return a page of text after `change`."""
    with pikepdf.open(io.BytesIO(base or plain_pdf())) as pdf:
        change(pdf)
        out = io.BytesIO()
        pdf.save(out, **kept)
    return out.getvalue()


def corpus() -> Iterator[Odd]:
    """Yield every file, always the same ones."""
    for part in (_pages, _annotations, _fields, _layers, _fonts, _pictures, _paint, _structures):
        yield from part()


def _pages() -> Iterator[Odd]:
    boxes = {
        "whole": None,
        "cropped": Array([30, 40, 500, 800]),
        "beyond": Array([-50, -50, 700, 900]),
    }
    for turn, unit, (name, box) in product((0, 90, 180, 270), (1, 2, 0.5), boxes.items()):

        def change(pdf: Pdf, turn: int = turn, unit: float = unit, box: Any = box) -> None:
            page = pdf.pages[0].obj
            page.Rotate = turn
            if unit != 1:
                page.UserUnit = unit
            if box is not None:
                page.CropBox = box
            page.Annots = Array([pdf.make_indirect(owned(pdf, drawn("Stamp")))])

        yield Odd(f"page turned {turn}, unit {unit}, {name}", changed(change))
    for name, media in (
        ("moved", [-200, -100, 395, 742]),
        ("upside down", [595, 842, 0, 0]),
        ("tiny", [0, 0, 20, 20]),
        ("tiniest", [0, 0, 3, 3]),
        ("very wide", [0, 0, 5000, 842]),
    ):
        yield Odd(f"page {name}", changed(_media(media)))


def _media(media: list[int]) -> Change:
    def change(pdf: Pdf) -> None:
        pdf.pages[0].obj.MediaBox = Array(media)

    return change


BARE: dict[str, Entries] = {
    "Square": annotation("Square", C=Array([1, 0, 0])),
    "Circle": annotation("Circle", C=Array([0, 0, 1]), IC=Array([0.9, 0.9, 1])),
    "Line": annotation("Line", L=Array([302, 505, 415, 525]), C=Array([0, 0.5, 0])),
    "Polygon": annotation("Polygon", Vertices=Array([302, 502, 410, 505, 360, 528])),
    "PolyLine": annotation("PolyLine", Vertices=Array([302, 502, 410, 505, 360, 528])),
    "Ink": annotation("Ink", InkList=Array([Array([302, 502, 360, 528, 410, 505])])),
    "Highlight": annotation("Highlight", QuadPoints=QUAD, C=Array([1, 1, 0])),
    "Underline": annotation("Underline", QuadPoints=QUAD, C=Array([1, 0, 0])),
    "StrikeOut": annotation("StrikeOut", QuadPoints=QUAD, C=Array([1, 0, 0])),
    "Squiggly": annotation("Squiggly", QuadPoints=QUAD, C=Array([1, 0, 0])),
    "FreeText": annotation("FreeText", Contents=String(WORDS), DA=String("/Helv 10 Tf 1 0 0 rg")),
    "Stamp": annotation("Stamp", Name=Name.Approved),
    "Text": annotation("Text", Contents=String("dị ứng penicillin")),
    "Caret": annotation("Caret", Contents=String("thêm")),
    "Redact": annotation("Redact", QuadPoints=QUAD),
    "Popup": annotation("Popup"),
    "Watermark": annotation("Watermark"),
    "Strange": annotation("Strange"),
}


def _annotations() -> Iterator[Odd]:
    words = f"BT /Helv 10 Tf 4 10 Td ({WORDS}) Tj ET".encode()
    for kind, bare in BARE.items():
        shows = (WORDS,) if kind == "FreeText" else ()
        yield Odd(f"{kind} without a look", _with(bare), shows)
        with_look = {**bare, "AP": {"N": look(words)}}
        shown = () if kind == "Popup" else (WORDS,)
        yield Odd(f"{kind} with a look", _with(with_look), shown)
        for flags in (1, 2, 32):
            hidden = {**with_look, "F": flags}
            yield Odd(f"{kind} hidden by {flags}", _with(hidden), hides=(WORDS,))
    other = {"N": look(words), "D": look(), "R": look()}
    yield Odd("look when the mouse is down", _with(annotation("Stamp", AP=other)), (WORDS,))
    yield Odd("look without a box", _with(_without_box(words)), (WORDS,))
    yield Odd("stamp that multiplies", _with(drawn("Stamp", b"/M gs 1 0.8 0.8 rg 0 0 120 30 re f")))
    yield Odd("stamp that does not turn", _with({**drawn("Stamp"), "F": 4 | 16}))
    yield Odd("attached file without a look", changed(_attached_note))


def _without_box(words: bytes) -> Entries:
    return annotation("Stamp", AP={"N": look(words, Matrix=Array([1, 0, 0, 1, 0, 0]))})


def _with(*entries: Entries, base: bytes | None = None) -> bytes:
    return marked(base or plain_pdf(), *entries)


def _attached_note(pdf: Pdf) -> None:
    stream = pdf.make_stream(b"x", Type=Name.EmbeddedFile)
    file = Dictionary(Type=Name.Filespec, F=String("a.txt"), EF=Dictionary(F=stream))
    note = annotation("FileAttachment", FS=file)
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(owned(pdf, note))])


def _fields() -> Iterator[Odd]:
    name = String("Nguyễn Văn Thử")
    fields: dict[str, tuple[Entries, bool, tuple[str, ...]]] = {
        "text with a look": (
            field("Tx", V=name, AP={"N": look(f"BT /Helv 9 Tf 2 9 Td ({WORDS}) Tj ET".encode())}),
            False,
            (WORDS,),
        ),
        "text that asks for a look": (field("Tx", V=name), True, ("Nguyễn Văn Thử",)),
        "text without a look": (field("Tx", V=name), False, ("Nguyễn Văn Thử",)),
        "lines": (field("Tx", V=String("Dòng 1\rDòng 2"), Ff=1 << 12), True, ("Dòng 1", "Dòng 2")),
        "combs": (field("Tx", V=String("79012345"), Ff=1 << 24, MaxLen=8), True, ("79012345",)),
        "secret": (field("Tx", V=name, Ff=1 << 13), True, ()),
        "grey": (field("Tx", V=name, DA=String("/Helv 0 Tf 0.5 g")), True, ("Nguyễn Văn Thử",)),
        "turned": (
            field("Tx", V=name, MK={"R": 90}, Rect=Array([300, 400, 330, 530])),
            True,
            ("Nguyễn Văn Thử",),
        ),
        "chosen": (field("Ch", V=name, Opt=Array([name, String("b")])), True, ("Nguyễn Văn Thử",)),
        "several chosen": (
            field("Ch", V=Array([name, String("hai")]), Opt=Array([name, String("hai")])),
            True,
            ("Nguyễn Văn Thử", "hai"),
        ),
        "ticked": (ticked(), False, ()),
        "not ticked": (ticked("Off"), False, ()),
        "ticked without a look": (field("Btn", V=Name.Yes, AS=Name.Yes), False, ()),
        "radio": (field("Btn", V=Name.a, AS=Name.a, Ff=1 << 15), False, ()),
        "push button": (field("Btn", Ff=1 << 16, MK={"CA": String("In")}), True, ("In",)),
        "empty signature": (field("Sig"), False, ()),
        "framed": (field("Tx", MK={"BC": Array([0]), "BG": Array([0.9])}), False, ()),
        "hidden": (field("Tx", V=String(WORDS), F=2), True, ()),
    }
    for base, source in (("page", plain_pdf()), ("untagged", _untagged())):
        for label, (entries, asks, shows) in fields.items():

            def change(pdf: Pdf, entries: Entries = entries, asks: bool = asks) -> None:
                widget = pdf.make_indirect(owned(pdf, entries))
                pdf.pages[0].obj.Annots = Array([widget])
                pdf.Root.AcroForm = Dictionary(Fields=Array([widget]), NeedAppearances=asks)

            hides = (WORDS,) if label == "hidden" else ()
            yield Odd(f"field {label} on a {base}", changed(change, base=source), shows, hides)


def _untagged() -> bytes:
    def change(pdf: Pdf) -> None:
        for key in ("/StructTreeRoot", "/MarkInfo"):
            del pdf.Root[key]

    return changed(change)


def _layers() -> Iterator[Odd]:
    def layered(config: dict[str, Any], content: Any = None) -> bytes:
        def change(pdf: Pdf) -> None:
            group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("Lớp")))
            stated = {f"/{key}": group if value is ... else value for key, value in config.items()}
            stated = {
                k: Array([v]) if k in ("/ON", "/OFF", "/Order") else v for k, v in stated.items()
            }
            pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary(stated))
            page = pdf.pages[0]
            member = Dictionary(Type=Name.OCMD, OCGs=group, P=Name(content)) if content else group
            page.obj.Resources.Properties = Dictionary(Layer=pdf.make_indirect(member))
            _font(pdf, BaseFont=Name.Helvetica, Subtype=Name.Type1)
            words = (
                f"/OC /Layer BDC q 300 500 9 9 re f Q BT /Odd 9 Tf 60 300 Td ({WORDS}) Tj ET EMC"
            )
            page.contents_add(f"\nq {words} Q".encode())

        return changed(change)

    yield Odd("layer on", layered({"ON": ..., "Order": ...}), (WORDS,))
    yield Odd("layer off", layered({"OFF": ..., "Order": ...}), hides=(WORDS,))
    yield Odd("layers off but named", layered({"BaseState": Name.OFF, "ON": ...}), (WORDS,))
    yield Odd("layers off", layered({"BaseState": Name.OFF}), hides=(WORDS,))
    yield Odd("membership on", layered({"ON": ...}, "/AnyOn"), (WORDS,))
    yield Odd("membership off", layered({"OFF": ...}, "/AnyOn"), hides=(WORDS,))
    yield Odd("membership where off", layered({"OFF": ...}, "/AllOff"), (WORDS,))


def _font(pdf: Pdf, **entries: Any) -> None:
    page = pdf.pages[0].obj
    page.Resources = page.get("/Resources", Dictionary())
    page.Resources.Font = page.Resources.get("/Font", Dictionary())
    page.Resources.Font.Odd = pdf.make_indirect(Dictionary(Type=Name.Font, **entries))


STANDARD = [
    f"{family}{style}"
    for family, styles in {
        "Helvetica": ("", "-Bold", "-Oblique", "-BoldOblique"),
        "Times": ("-Roman", "-Bold", "-Italic", "-BoldItalic"),
        "Courier": ("", "-Bold", "-Oblique", "-BoldOblique"),
    }.items()
    for style in styles
]
HELVETICA: dict[str, Any] = {"Subtype": Name.Type1, "BaseFont": Name.Helvetica}
SPOTS = Array([Name.Do])
FADE = Dictionary(
    FunctionType=2, Domain=Array([0, 1]), C0=Array([1, 0, 0]), C1=Array([0, 0, 1]), N=1
)
BLENDS = [
    *("Normal", "Multiply", "Screen", "Overlay", "Darken", "Lighten", "ColorDodge", "ColorBurn"),
    *("HardLight", "SoftLight", "Difference", "Exclusion", "Hue", "Saturation", "Color"),
    "Luminosity",
]


def _fonts() -> Iterator[Odd]:
    for base, coding in product(STANDARD, (None, "WinAnsiEncoding", "MacRomanEncoding")):
        more: dict[str, Any] = {"Encoding": Name(f"/{coding}")} if coding else {}
        data = _typed_in(Subtype=Name.Type1, BaseFont=Name(f"/{base}"), **more)
        yield Odd(f"font {base} {coding}", data, (WORDS,))
    arial: dict[str, Any] = {"BaseFont": Name.Arial, "Encoding": Name.WinAnsiEncoding}
    yield Odd("font by another name", _typed_in(Subtype=Name.TrueType, **arial), (WORDS,))
    other = Dictionary(Type=Name.Encoding, Differences=Array([71, Name.G]))
    yield Odd("font with differences", _typed_in(**HELVETICA, Encoding=other), (WORDS,))
    for mode in (1, 2, 3):
        yield Odd(f"letters drawn in mode {mode}", _typed_in(f"{mode} Tr", **HELVETICA), (WORDS,))
    yield Odd("font of drawings", changed(_type3))


def _typed_in(before: str = "", **entries: Any) -> bytes:
    def change(pdf: Pdf) -> None:
        _font(pdf, **entries)
        pdf.pages[0].contents_add(
            f"\nq BT {before} /Odd 12 Tf 60 300 Td ({WORDS}) Tj ET Q".encode()
        )

    return changed(change)


def _type3(pdf: Pdf) -> None:
    square = pdf.make_stream(b"1000 0 0 0 750 750 d1 0 0 750 750 re f")
    _font(
        pdf,
        Subtype=Name.Type3,
        FontBBox=Array([0, 0, 750, 750]),
        FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
        CharProcs=Dictionary(square=square),
        Encoding=Dictionary(Type=Name.Encoding, Differences=Array([97, Name.square])),
        FirstChar=97,
        LastChar=97,
        Widths=Array([1000]),
        Resources=Dictionary(),
    )
    pdf.pages[0].contents_add(b"\nq BT /Odd 20 Tf 60 300 Td (aaa) Tj ET Q")


def _pictures() -> Iterator[Odd]:
    grey = Image.linear_gradient("L").resize((64, 64))
    colour = Image.merge("RGB", (grey, grey.rotate(90), grey.rotate(180)))
    for name, (data, entries) in _encoded(grey, colour).items():

        def change(pdf: Pdf, data: bytes = data, entries: dict[str, Any] = entries) -> None:
            size = {"Width": 64, "Height": 64, "BitsPerComponent": 8, **entries}
            stream = pdf.make_stream(data, Type=Name.XObject, Subtype=Name.Image, **size)
            page = pdf.pages[0].obj
            page.Resources.XObject = Dictionary(Odd=stream)
            pdf.pages[0].contents_add(b"\nq 200 0 0 200 200 300 cm /Odd Do Q")

        yield Odd(f"picture {name}", changed(change))
    inline = b"\nq 99 0 0 99 200 300 cm BI /W 2 /H 2 /CS /G /BPC 8 ID \x00\x80\xc0\xff EI Q"
    yield Odd("picture within the page", changed(lambda pdf: pdf.pages[0].contents_add(inline)))


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=95)
    return out.getvalue()


def _encoded(grey: Image.Image, colour: Image.Image) -> dict[str, tuple[bytes, dict[str, Any]]]:
    raw, rgb, cmyk = grey.tobytes(), colour.tobytes(), colour.convert("CMYK").tobytes()
    gray, red, ink = Name.DeviceGray, Name.DeviceRGB, Name.DeviceCMYK
    jpx = io.BytesIO()
    colour.save(jpx, "JPEG2000")
    bits = grey.convert("1").tobytes()
    white = Array([0.95, 1, 1.09])
    inverted = {"ColorSpace": ink, "Filter": Name.DCTDecode, "Decode": Array([1, 0] * 4)}
    deep = b"".join(bytes([value, 0]) for value in raw)
    palette = Array([Name.Indexed, red, 255, String(bytes(range(256)) * 3)])
    hexadecimal = {"ColorSpace": gray, "Filter": Name.ASCIIHexDecode}
    return {
        "plain": (raw, {"ColorSpace": gray}),
        "deflated": (zlib.compress(raw), {"ColorSpace": gray, "Filter": Name.FlateDecode}),
        "in hexadecimal": (raw.hex().encode() + b">", hexadecimal),
        "in runs": (_runs(raw), {"ColorSpace": gray, "Filter": Name.RunLengthDecode}),
        "in LZW": (_lzw(raw), {"ColorSpace": gray, "Filter": Name.LZWDecode}),
        "RGB": (rgb, {"ColorSpace": red}),
        "CMYK": (cmyk, {"ColorSpace": ink}),
        "grey JPEG": (_jpeg(grey), {"ColorSpace": gray, "Filter": Name.DCTDecode}),
        "RGB JPEG": (_jpeg(colour), {"ColorSpace": red, "Filter": Name.DCTDecode}),
        "CMYK JPEG": (_jpeg(colour.convert("CMYK")), inverted),
        "JPEG 2000": (jpx.getvalue(), {"Filter": Name.JPXDecode, "ColorSpace": red}),
        "black and white": (bits, {"ColorSpace": gray, "BitsPerComponent": 1}),
        "stencil": (bits, {"ImageMask": True, "BitsPerComponent": 1}),
        "reversed": (raw, {"ColorSpace": gray, "Decode": Array([1, 0])}),
        "smoothed": (raw, {"ColorSpace": gray, "Interpolate": True}),
        "of 16 bits": (deep, {"ColorSpace": gray, "BitsPerComponent": 16}),
        "of a palette": (raw, {"ColorSpace": palette}),
        "with a key": (raw, {"ColorSpace": gray, "Mask": Array([0, 40])}),
        "of a spot colour": (raw, {"ColorSpace": Array([Name.Separation, Name.Do, red, FADE])}),
        "of many colourants": (raw, {"ColorSpace": Array([Name.DeviceN, SPOTS, red, FADE])}),
        "calibrated": (rgb, {"ColorSpace": Array([Name.CalRGB, Dictionary(WhitePoint=white)])}),
        "Lab": (rgb, {"ColorSpace": Array([Name.Lab, Dictionary(WhitePoint=white)])}),
    }


def _runs(raw: bytes) -> bytes:
    parts = [raw[at : at + 128] for at in range(0, len(raw), 128)]
    return b"".join(bytes([len(part) - 1]) + part for part in parts) + b"\x80"


def _lzw(raw: bytes) -> bytes:
    """Return codes of nine bits with a clear code before the table would grow."""
    codes = [256]
    for index, value in enumerate(raw):
        if index % 200 == 199:
            codes.append(256)
        codes.append(value)
    bits = "".join(f"{code:09b}" for code in [*codes, 257])
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8)


def _paint() -> Iterator[Odd]:
    below, above = "0.9 0.6 0.2 rg 60 300 200 90 re f", "0.2 0.5 0.9 rg 150 330 200 90 re f"
    for blend in BLENDS:
        state = Dictionary(Type=Name.ExtGState, BM=Name(f"/{blend}"), ca=0.6)
        data = _painted(f"{below} /Odd gs {above}", ExtGState=state)
        yield Odd(f"blended by {blend}", data)
    for kind, coords in ((2, [60, 300, 300, 300]), (3, [200, 350, 0, 200, 350, 90])):
        shading = Dictionary(
            ShadingType=kind, ColorSpace=Name.DeviceRGB, Coords=Array(coords), Function=FADE
        )
        yield Odd(f"shading {kind}", _painted("60 300 240 90 re W n /Odd sh", Shading=shading))
    for operators in ("0.2 0.9 0 0 k 60 300 90 90 re f", "0 0 0 1 K 5 w 60 300 90 90 re S"):
        yield Odd(f"ink {operators[:9]}", _painted(operators))
    yield Odd("open states", _painted("q q q 60 300 9 9 re f"))
    yield Odd("an operator that does not exist", _painted("BX 1 2 zz EX 60 300 9 9 re f"))
    usual = Dictionary(HT=Name.Default, TR2=Name.Default)
    yield Odd("halftone", _painted("/Odd gs 60 300 9 9 re f", ExtGState=usual))
    yield Odd("intent", _painted("/Strange ri 60 300 9 9 re f"))


def _painted(operators: str, **resources: Dictionary) -> bytes:
    def change(pdf: Pdf) -> None:
        page = pdf.pages[0].obj
        for kind, value in resources.items():
            held = page.Resources.get(f"/{kind}", Dictionary())
            held.Odd = pdf.make_indirect(value)
            page.Resources[f"/{kind}"] = held
        pdf.pages[0].contents_add(f"\nq {operators} Q".encode())

    return changed(change)


def _structures() -> Iterator[Odd]:
    yield Odd("linearised", changed(lambda pdf: None, linearize=True))
    streams = pikepdf.ObjectStreamMode.generate
    yield Odd("objects in streams", changed(lambda pdf: None, object_stream_mode=streams))
    yield Odd("claims PDF/A", plain_pdf(archival=True))
    yield Odd("scan", scanned_pdf())
    yield Odd("scan with a tick", _with(ticked(), base=scanned_pdf()))
    yield Odd("scan with a hidden drawing", _with({**drawn("Ink"), "F": 2}, base=scanned_pdf()))
    yield Odd("without tags", _untagged())

    def inherit(pdf: Pdf) -> None:
        page = pdf.pages[0].obj
        pdf.Root.Pages.Resources, pdf.Root.Pages.Rotate = page.Resources, 90
        del page["/Resources"]

    yield Odd("inherited resources", changed(inherit))

    def claim(pdf: Pdf) -> None:
        _font(pdf, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        pdf.pages[0].contents_add(f"\nq BT /Odd 12 Tf 60 300 Td ({WORDS}) Tj ET Q".encode())

    archival = plain_pdf(archival=True)
    yield Odd("claims PDF/A falsely", changed(claim, base=archival), (WORDS,))

    def twice(pdf: Pdf) -> None:
        pdf.pages.append(pdf.pages[0])

    yield Odd("the same page twice", changed(twice))

    def profiled(pdf: Pdf) -> None:
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        space = Array([Name.ICCBased, pdf.make_stream(profile, N=3)])
        pdf.pages[0].obj.Resources.ColorSpace.Odd = pdf.make_indirect(space)
        pdf.pages[0].contents_add(b"\nq /Odd cs 1 0 0 sc 60 300 90 90 re f Q")

    yield Odd("colour with a profile", changed(profiled))

    def pieces(pdf: Pdf) -> None:
        pdf.Root.PieceInfo = Dictionary(A=Dictionary(LastModified=String("D:2026")))
        pdf.Root.AA = Dictionary()
        thumb = pdf.make_stream(b"\0", Width=1, Height=1, BitsPerComponent=8)
        thumb.ColorSpace = Name.DeviceGray
        pdf.pages[0].obj.Thumb = thumb

    yield Odd("a program's own entries", changed(pieces))
    yield Odd("attachments", changed(lambda pdf: pdf.attachments.__setitem__("a.txt", b"x")))
