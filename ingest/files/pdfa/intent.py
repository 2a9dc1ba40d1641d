"""The output intent that Kho gives a file that brings none: sRGB."""

import struct

from pikepdf import Dictionary, Name, Pdf, String
from PIL import ImageCms

# of a colour profile: when it was made (ICC.1, 7.2.10); always the same, so that files are
_MADE_AT = slice(24, 36)


def srgb(pdf: Pdf) -> Dictionary:
    """Return what colours without a profile mean (ISO 19005-3, 6.2.3)."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_MADE_AT] = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    return Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier=String("sRGB"),
        Info=String("sRGB IEC61966-2.1"),
        DestOutputProfile=pdf.make_stream(bytes(profile), N=3),
    )
