"""Whether colours mean something without their device (ISO 19005-3, 6.2.3 and 6.2.4)."""

import struct

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from ingest.files.pdf_entries import dictionary, entries, items
from ingest.files.pdfa.clauses import Clauses
from ingest.files.pdfa.intent import pdfa_intents

_COMPONENTS = {b"GRAY": 1, b"RGB ": 3, b"LAB ": 3, b"CMYK": 4}
_CLASSES = frozenset({b"mntr", b"prtr", b"scnr", b"spac"})
_OUTPUT_CLASSES = frozenset({b"mntr", b"prtr"})
_DEVICE = {"/DeviceGray": "Gray", "/DeviceRGB": "RGB", "/DeviceCMYK": "CMYK"}
_INTENDED = {b"GRAY": {"Gray"}, b"RGB ": {"Gray", "RGB"}, b"CMYK": {"Gray", "CMYK"}}
_SAFE_SPOTS = frozenset({"/All", "/None", "/Black"})
_ATTRIBUTES = 4  # of a DeviceN space: their place (ISO 32000-1, 8.6.6.5)
_HEAD = 128
_MOST_COLOURANTS, _DEEPEST = 32, 8


def check_colours(pdf: Pdf, devices: set[str], clauses: Clauses) -> None:
    """Check the colour spaces of every object, and that the output intent gives `devices` sense."""
    used = set(devices)
    for thing in pdf.objects:
        if isinstance(thing, Array):
            _space(thing, used, clauses, 0)
        if not isinstance(thing, Dictionary | Stream):
            continue
        for space in (thing.get("/ColorSpace"), thing.get("/CS")):
            _space(space, used, clauses, 0)
        held = dictionary(dictionary(thing, "/Resources"), "/ColorSpace")
        for name, space in (
            *entries(held).items(),
            *entries(dictionary(thing, "/ColorSpace")).items(),
        ):
            # a default space replaces the device's own: that is not followed here
            if not name.startswith("/Default"):
                _space(space, used, clauses, 0)
    clauses.require(used <= _intended(pdf, clauses), "6.2.4.3 a device's colours without an intent")


def _intended(pdf: Pdf, clauses: Clauses) -> set[str]:
    """Return the device spaces to which the output intent of `pdf` gives sense."""
    intents = pdfa_intents(pdf)
    stated = [intent.get("/DestOutputProfile") for intent in intents]
    profiles = [profile for profile in stated if isinstance(profile, Stream)]
    clauses.require(len({each.objgen for each in profiles}) <= 1, "6.2.3 several intents")
    clauses.require(len(profiles) == len(intents), "6.2.3 an intent without a profile")
    if not profiles:
        return set()
    return _INTENDED.get(_profile(profiles[0], _OUTPUT_CLASSES, clauses), set())


def _profile(stream: Stream, classes: frozenset[bytes], clauses: Clauses) -> bytes:
    """Return the colour space of an ICC profile (ICC.1, 7.2), b"" for none."""
    data = stream.read_bytes()
    if len(data) < _HEAD or data[36:40] != b"acsp":
        clauses.broken.add("6.2.4.2 profile")
        return b""
    (size,) = struct.unpack_from(">I", data)
    space = data[16:20]
    clauses.require(
        size <= len(data) and data[8] <= 4 and data[12:16] in classes
        and _COMPONENTS.get(space) == int(stream.get("/N", 0)),
        "6.2.4.2 profile",
    )  # fmt: skip
    return space


def _colourants(space: Array, clauses: Clauses) -> None:
    """Check that a DeviceN space says what each of its spot colours is (6.2.4.4)."""
    attributes = space[_ATTRIBUTES] if len(space) > _ATTRIBUTES else Dictionary()
    described = dictionary(attributes, "/Colorants")
    process = {str(name) for name in items(dictionary(attributes, "/Process"), "/Components")}
    for name in Array(space[1]):
        known = str(name) in described or str(name) in process or str(name) == "/None"
        clauses.require(known, "6.2.4.4 spot colours")


def _space(space: pikepdf.Object | None, used: set[str], clauses: Clauses, depth: int) -> None:
    """Check a colour space (ISO 32000-1, 8.6)."""
    if isinstance(space, Name):
        used.update({_DEVICE[str(space)]} if str(space) in _DEVICE else set())
        return
    if (
        not isinstance(space, Array)
        or len(space) == 0
        or not isinstance(space[0], Name)
        or depth > _DEEPEST
    ):
        return
    match str(space[0]):
        case "/ICCBased":
            if len(space) > 1 and isinstance(space[1], Stream):
                _profile(space[1], _CLASSES, clauses)
        case "/Indexed" | "/I" | "/Pattern":
            _space(space[1] if len(space) > 1 else None, used, clauses, depth + 1)
        case "/Separation":
            _space(space[2], used, clauses, depth + 1)
            if str(space[1]) not in _SAFE_SPOTS:
                clauses.unchecked.add("6.2.4.4 spot colours")
        case "/DeviceN":
            _space(space[2], used, clauses, depth + 1)
            clauses.require(len(Array(space[1])) <= _MOST_COLOURANTS, "6.1.13 colourants")
            _colourants(space, clauses)
        case name if name in _DEVICE:
            used.add(_DEVICE[name])
