"""The output intents of a file (ISO 19005-3, 6.2.3), and sRGB, which Kho gives a file that brings
none.
"""

import struct

from pikepdf import Dictionary, Name, Pdf, String
from PIL import ImageCms

from ingest.files.pdf_entries import items

# Where a colour profile has its date (ICC.1, 7.2.10): always the same, so that files are.
_DATE = slice(24, 36)


def pdfa_intents(pdf: Pdf) -> list[Dictionary]:
    """Return the output intents of `pdf` that are for PDF/A."""
    return [
        each
        for each in items(pdf.Root, "/OutputIntents")
        if isinstance(each, Dictionary) and each.get("/S") == Name.GTS_PDFA1
    ]


def srgb(pdf: Pdf) -> Dictionary:
    """Return an output intent of `pdf`: colours without a profile are sRGB."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_DATE] = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    return Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier=String("sRGB"),
        Info=String("sRGB IEC61966-2.1"),
        DestOutputProfile=pdf.make_stream(bytes(profile), N=3),
    )
