"""Every file of the corpus, maker by maker."""

from collections.abc import Iterator

from tests.signing.validation.corpus.makers import (
    combined,
    dss,
    nss,
    odd,
    openpdf,
    pdfbox,
    pyhanko,
    updated,
    world,
)
from tests.signing.validation.corpus.manipulated import (
    certified,
    shadows,
    signers,
    spans,
    updates,
)
from tests.signing.validation.corpus.manipulated.victims import Victims
from tests.signing.validation.corpus.specimen import Specimen
from tests.signing.validation.corpus.workshop import Workshop


def specimens(workshop: Workshop) -> Iterator[Specimen]:
    """Yield the whole corpus."""
    yield from pyhanko.specimens(workshop.pyhanko)
    yield from dss.specimens(workshop.dss)
    yield from pdfbox.specimens(workshop.pdfbox)
    yield from openpdf.specimens(workshop.openpdf)
    yield from nss.specimens(workshop.nss)
    yield from combined.specimens(workshop)
    yield from updated.specimens(workshop)
    yield from odd.specimens(workshop)
    yield from world.specimens(workshop)
    victims = Victims(workshop)
    for attacks in (spans, updates, certified, shadows, signers):
        yield from attacks.specimens(victims)
