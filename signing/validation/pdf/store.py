"""The document security store as it lies in a PDF: bytes, unread (ETSI EN 319 142-1, 5.4.2)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import pikepdf

# Names in the store itself, and in the entries of its /VRI.
_NAMES = (("/Certs", "/Cert"), ("/OCSPs", "/OCSP"), ("/CRLs", "/CRL"))
MOST_ITEMS = 10_000


@dataclass(frozen=True, slots=True)
class SecurityStore:
    """Certificates, OCSP responses and CRLs, each as the file holds it."""

    certificates: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()

    @property
    def revocation(self) -> frozenset[bytes]:
        """Return what speaks of revocation: OCSP responses and CRLs."""
        return frozenset((*self.ocsps, *self.crls))

    @property
    def everything(self) -> tuple[bytes, ...]:
        """Return all items."""
        return (*self.certificates, *self.ocsps, *self.crls)

    def without(self, known: Collection[bytes]) -> "SecurityStore":
        """Return the items that are not among `known`."""
        kinds = (self.certificates, self.ocsps, self.crls)
        return SecurityStore(*(tuple(each for each in kind if each not in known) for kind in kinds))

    def is_within(self, other: "SecurityStore") -> bool:
        """Return if `other` holds all of it."""
        return (
            {*self.certificates} <= {*other.certificates}
            and {*self.ocsps} <= {*other.ocsps}
            and {*self.crls} <= {*other.crls}
        )


def store_of(pdf: pikepdf.Pdf) -> SecurityStore:
    """Return the security store of a file, without what is no stream or cannot be unpacked."""
    store = pdf.Root.get("/DSS")
    if not isinstance(store, pikepdf.Dictionary):
        return SecurityStore()
    return SecurityStore(*(tuple(dict.fromkeys(_items(store, *names))) for names in _NAMES))


def _items(store: pikepdf.Object, name: str, name_in_vri: str) -> Iterator[bytes]:
    arrays = [store.get(name)]
    by_signature = store.get("/VRI")
    if isinstance(by_signature, pikepdf.Dictionary):
        arrays += [
            entry.get(name_in_vri)
            for entry in by_signature.as_dict().values()
            if isinstance(entry, pikepdf.Dictionary)
        ]
    seen: set[tuple[int, int]] = set()
    for array in arrays:
        for stream in list(array) if isinstance(array, pikepdf.Array) else ():
            if not isinstance(stream, pikepdf.Stream) or stream.objgen in seen:
                continue
            seen.add(stream.objgen)
            if len(seen) > MOST_ITEMS:
                return
            try:
                yield stream.read_bytes()
            except pikepdf.PdfError:
                continue  # it proves nothing
