"""The sound files that are attacked: every layout of cross references, several makers."""

from collections.abc import Callable
from functools import partial

from pyhanko.sign.fields import MDPPerm

from tests.signing.validation.corpus.bases import base
from tests.signing.validation.corpus.specimen import Kind, Specimen
from tests.signing.validation.corpus.workshop import Workshop

LEVELS = {
    "dss": "B-LTA",
    "dss-objstm": "B-LTA",
    "dss-form": "B-LTA",
    "pyhanko": "B-LTA",
    "pyhanko-linear": "B-LTA",
    "pyhanko-B-B": "B-B",
    "kho": "B-LTA",
    "pdfbox": "CMS",
    "openpdf": "CMS",
    "certified-1": "B-LTA",
    "certified-2": "B-LTA",
    "certified-3": "B-LTA",
}


class Victims:
    """The files by name, each made once."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self._files: dict[str, bytes] = {}

    def __getitem__(self, name: str) -> bytes:
        if name not in self._files:
            self._files[name] = self._make(name)()
        return self._files[name]

    def attacked(self, victim: str, attack: str, pdf: bytes, note: str) -> Specimen:
        """Return the file that `attack` made of `victim`."""
        assert pdf != self[victim], f"{attack} leaves {victim} as it was"
        return manipulated(f"{attack}-{victim}", LEVELS[victim], pdf, note)

    def _make(self, name: str) -> Callable[[], bytes]:
        dss, pyhanko = self.workshop.dss.sign, self.workshop.pyhanko.sign
        certified = partial(pyhanko, base("form"), certify=True)
        return {
            "dss": partial(dss, base("classic"), level="B-LTA"),
            "dss-objstm": partial(dss, base("objstm"), "seal-ec", level="B-LTA"),
            "dss-form": partial(dss, base("form"), level="B-LTA"),
            "pyhanko": partial(pyhanko, base("classic")),
            "pyhanko-linear": partial(pyhanko, base("linear"), "seal-ec"),
            "pyhanko-B-B": partial(pyhanko, base("rich"), level="B-B"),
            "kho": partial(self.workshop.kho, "rich"),
            "pdfbox": partial(self.workshop.pdfbox.sign, base("rich"), ber=True),
            "openpdf": partial(self.workshop.openpdf.sign, base("form"), timestamp=True),
            "certified-1": partial(certified, docmdp_permissions=MDPPerm.NO_CHANGES),
            "certified-2": partial(certified, docmdp_permissions=MDPPerm.FILL_FORMS),
            "certified-3": partial(certified, docmdp_permissions=MDPPerm.ANNOTATE),
        }[name]


def manipulated(name: str, level: str, pdf: bytes, note: str) -> Specimen:
    """Return a file that somebody attacked."""
    return Specimen(f"attack-{name}", "an attacker", level, pdf, Kind.MANIPULATED, note)
