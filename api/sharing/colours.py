"""Colours of pages that leave their file: what they meant there, they still mean in a file with
another output intent.

A device colour means what its file's output intent says (ISO 19005-3, 6.2.3). Bound together with
others, pages of a file with another profile say it themselves, by a default colour space in their
resources (ISO 32000-2, 8.6.5.6).
"""

from collections.abc import Iterable, Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

# by the profile's components
_DEFAULTS = {1: Name.DefaultGray, 3: Name.DefaultRGB, 4: Name.DefaultCMYK}


def profile_of(pdf: Pdf) -> pikepdf.Object | None:
    """Return the colour profile of a file's output intent,
    None where it has none that can be used.
    """
    for intent in pdf.Root.get("/OutputIntents", Array()):
        profile = intent.get("/DestOutputProfile") if isinstance(intent, Dictionary) else None
        if isinstance(profile, pikepdf.Stream) and profile.get("/N") in _DEFAULTS:
            return profile
    return None


def same_profile(profile: pikepdf.Object, other: pikepdf.Object | None) -> bool:
    """Return whether two profiles are the same bytes."""
    return other is not None and profile.read_bytes() == other.read_bytes()


def keep_colours(drawing: pikepdf.Object, profile: pikepdf.Object) -> None:
    """Let the device colours of `drawing`, a form XObject,
    and of all that it draws mean `profile`.
    """
    default, space = _DEFAULTS[int(profile.N)], Array([Name.ICCBased, profile])
    for resources in _all_resources(drawing):
        spaces = resources.get("/ColorSpace")
        if not isinstance(spaces, Dictionary):
            resources.ColorSpace = Dictionary()
        if default not in resources.ColorSpace:
            resources.ColorSpace[default] = space


def _all_resources(drawing: pikepdf.Object) -> Iterator[Dictionary]:
    """Yield the resources of `drawing` and of the forms, patterns, masks and fonts that it uses,
    each once.
    """
    waiting, seen = [drawing], set[tuple[int, int]]()
    while waiting:
        thing = waiting.pop()
        if thing.is_indirect:
            if thing.objgen in seen:
                continue
            seen.add(thing.objgen)
        resources = thing.get("/Resources")
        if not isinstance(resources, Dictionary):
            continue
        yield resources
        for kind in ("/XObject", "/Pattern", "/Font"):
            used = resources.get(kind)
            waiting += _drawing(used.values() if isinstance(used, Dictionary) else ())
        states = resources.get("/ExtGState")
        masks = (
            (state.get("/SMask") for state in states.values())
            if isinstance(states, Dictionary)
            else ()
        )
        waiting += _drawing(mask.get("/G") for mask in masks if isinstance(mask, Dictionary))


def _drawing(things: Iterable[object]) -> list[pikepdf.Object]:
    """Return those of `things` that may have resources of their own."""
    return [thing for thing in things if isinstance(thing, Dictionary | pikepdf.Stream)]
