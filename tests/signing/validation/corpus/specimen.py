"""One file of the corpus, and what is known of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from tests.signing.validation.corpus.pki import CorpusPki


class Kind(StrEnum):
    """Whether anybody did to the file what its signers did not allow."""

    SOUND = "sound"
    MANIPULATED = "manipulated"


@dataclass(frozen=True, slots=True)
class Specimen:
    """A signed PDF; `name` is its file's, `level` the lowest level of its signatures."""

    name: str
    maker: str
    level: str  # "B-B" ... "B-LTA", "CMS" for a signature that is no PAdES one, or "none"
    pdf: bytes
    kind: Kind = Kind.SOUND
    note: str = ""


Maker = Callable[[CorpusPki], Iterable[Specimen]]
