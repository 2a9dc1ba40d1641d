"""Whether two pictures of a page show the same, region by region.

A dot of one picture is matched where the other has nearly its colour there or next to it: letters
move by part of a dot when a file is written again, and their edges get other greys. What is lost or
added has dots that nothing matches, close together: a digit, a tick, a thin signature. A share of
the whole page would not show them. Runs in a child process.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter

from ingest.files.limits import Likeness

Region = tuple[int, int, int, int]  # left, top, right, bottom, in dots


@dataclass(frozen=True, slots=True)
class Loose:
    """A region where a dot may have its match up to `radius` dots away.

    There lie letters of a font that the file does not bring: each program takes another one.
    """

    region: Region
    radius: int
    weight: float = 1.0  # of a dot without a match

    def moved(self, across: int, down: int) -> "Loose":
        """Return the same region of a picture that begins elsewhere."""
        left, top, right, bottom = self.region
        return Loose(
            (left + across, top + down, right + across, bottom + down), self.radius, self.weight
        )


_Mix = Callable[[Image.Image, Image.Image], Image.Image]


def unlike(
    old: Image.Image, new: Image.Image, same: Likeness, loose: Sequence[Loose] = ()
) -> Region | None:
    """Return the region in which two RGB pictures of a page show something else; None: nowhere."""
    size = min(old.width, new.width), min(old.height, new.height)
    old, new = old.crop((0, 0, *size)), new.crop((0, 0, *size))
    box = ImageChops.difference(old, new).getbbox()
    if box is None:
        return None
    # What differs, with enough around it to see what matches it.
    around = max([same.window, *(each.radius for each in loose)])
    left, top = max(0, box[0] - around), max(0, box[1] - around)
    box = left, top, min(size[0], box[2] + around), min(size[1], box[3] + around)
    # A thin line is one dark dot, or two grey ones: where it moves by half a dot, it is the other.
    old, new = (each.crop(box).filter(ImageFilter.BoxBlur(1)) for each in (old, new))
    alone = _unmatched(old, new, same.changed, 1)
    for each in loose:
        _forgive(alone, old, new, same, each.moved(-left, -top))
    # Each dot becomes the share of unmatched ones in the window around it.
    share = alone.filter(ImageFilter.BoxBlur(same.window // 2))
    least = 255 * same.dots / same.window**2
    region = share.point([255 if level >= int(least) else 0 for level in range(256)]).getbbox()
    if region is None:
        return None
    return left + region[0], top + region[1], left + region[2], top + region[3]


def _forgive(
    alone: Image.Image, old: Image.Image, new: Image.Image, same: Likeness, loose: Loose
) -> None:
    """Leave in a region of `alone` only what has no match within its own radius."""
    left, top, right, bottom = loose.region
    inner = max(0, left), max(0, top), min(alone.width, right), min(alone.height, bottom)
    if inner[0] >= inner[2] or inner[1] >= inner[3]:
        return
    by = loose.radius
    low, high = (max(0, left - by), max(0, top - by)), (right + by, bottom + by)
    outer = (*low, min(alone.width, high[0]), min(alone.height, high[1]))
    still = _unmatched(old.crop(outer), new.crop(outer), same.changed, by)
    part = still.crop(
        (inner[0] - outer[0], inner[1] - outer[1], inner[2] - outer[0], inner[3] - outer[1])
    )
    part = part.point([round(level * loose.weight) for level in range(256)])
    alone.paste(ImageChops.darker(part, alone.crop(inner)), inner)


def _unmatched(old: Image.Image, new: Image.Image, changed: int, radius: int) -> Image.Image:
    """Return a picture that is white where a dot of one has no match in the other."""
    beyond = ImageChops.lighter(_beyond(old, new, radius), _beyond(new, old, radius))
    red, green, blue = beyond.split()
    strongest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return strongest.point([255 if level > changed else 0 for level in range(256)])


def _beyond(picture: Image.Image, other: Image.Image, radius: int) -> Image.Image:
    """Return how much darker or lighter each dot of `picture` is than those of `other` around."""
    darker = ImageChops.subtract(_spread(other, ImageChops.darker, radius), picture)
    lighter = ImageChops.subtract(picture, _spread(other, ImageChops.lighter, radius))
    return ImageChops.lighter(darker, lighter)


def _spread(picture: Image.Image, mix: _Mix, radius: int) -> Image.Image:
    """Return the darkest or the lightest of each dot and those up to `radius` away."""
    for _ in range(radius):
        sides = ImageChops.offset(picture, 1, 0), ImageChops.offset(picture, -1, 0)
        across = mix(mix(picture, sides[0]), sides[1])
        picture = mix(
            mix(across, ImageChops.offset(across, 0, 1)), ImageChops.offset(across, 0, -1)
        )
    return picture
