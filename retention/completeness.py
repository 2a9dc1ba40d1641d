"""What papers of a chart still lack once treatment has ended: values, and the names of signers.

A form says which values its papers need (`needed` of a field, `signatures`); a facility demands
more or less in its settings (`deposit.fields`, `deposit.waived`). The archived record of each paper
is read, so nothing that a paper says has to be in the catalogue.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from archive.base.bilingual import Text
from archive.base.errors import Misconfigured
from archive.base.facts import ChartFacts, Outcome
from archive.base.settings import DepositSettings
from archive.catalog.entries import DocumentEntry
from ingest.forms.catalog import FormCatalog
from ingest.forms.field import Field, Needed
from ingest.forms.model import Form, Signature
from ingest.forms.shared_lists import day_of
from ingest.forms.validation import faults
from retention.required import BY_THE_FACILITY

Kind = Literal["incomplete", "unsigned"]
# why the content of a paper was not judged: it came as a file, its record cannot be read, or its
# form is not known here
Unjudged = Literal["file", "unreadable", "form"]
ReadRecords = Callable[[Sequence[DocumentEntry]], Mapping[str, Mapping[str, Any]]]

_DIED = (Outcome.DIED, Outcome.TAKEN_HOME_TO_DIE)
_SIGNED_ELSEWHERE = ("external", "cover")
_FAILED = ("TOTAL-FAILED", "NO_SIGNATURE_FOUND")
_NO_VALID_SIGNATURE = Text("Chữ ký trong tệp không hợp lệ", "No valid signature in the file")


@dataclass(frozen=True, slots=True)
class Finding:
    """One value or one signer that a paper lacks; `path` is a JSON Pointer within its record."""

    kind: Kind
    document: DocumentEntry
    path: str
    label: Text
    source: str

    def as_json(self) -> dict[str, Any]:
        """Return the finding as command line and API give it."""
        return {
            **_named(self.document),
            "path": self.path,
            "label": self.label.as_json(),
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class NotJudged:
    """A paper whose content was not judged, and why."""

    document: DocumentEntry
    reason: Unjudged

    def as_json(self) -> dict[str, Any]:
        """Return the paper as command line and API give it."""
        return {**_named(self.document), "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Completeness:
    """What the papers of a chart lack, in the order of the chart."""

    findings: tuple[Finding, ...] = ()
    not_judged: tuple[NotJudged, ...] = ()

    def of(self, kind: Kind) -> tuple[Finding, ...]:
        """Return the findings of one kind."""
        return tuple(finding for finding in self.findings if finding.kind == kind)

    def as_json(self) -> dict[str, Any]:
        """Return the members `incomplete`, `unsigned` and `not_judged`."""
        return {
            "incomplete": [finding.as_json() for finding in self.of("incomplete")],
            "unsigned": [finding.as_json() for finding in self.of("unsigned")],
            "not_judged": [paper.as_json() for paper in self.not_judged],
        }


class PaperJudge:
    """Judges the papers of charts by their forms and by the facility's settings."""

    def __init__(self, forms: FormCatalog, settings: DepositSettings, read: ReadRecords) -> None:
        """`read`: gives the archived records of documents.

        Raises Misconfigured where the settings name a field that its form does not have.
        """
        self._read = read
        self._forms: dict[tuple[str, int], Form] = {
            (form.code, form.version): form for form in forms.forms
        }
        self._waived = frozenset(each for each in settings.waived if "#" in each)
        self._demanded: dict[str, set[str]] = {}
        for demand in settings.fields:
            self._demanded.setdefault(demand.form, set()).update(demand.fields)
        self._require_known()

    def judge(self, chart: ChartFacts, documents: Iterable[DocumentEntry]) -> Completeness:
        """Return what the papers in force lack; nothing while the treatment goes on.

        Raises VaultUnreachable, KeyRefused, Unavailable, MemoryBusy.
        """
        if chart.discharged_at is None:
            return Completeness()
        papers = [document for document in documents if document.superseded_by is None]
        records = self._read(papers)
        findings: list[Finding] = []
        not_judged: list[NotJudged] = []
        for paper in papers:
            form = self._forms.get((paper.form, paper.form_version))
            record = records.get(paper.id)
            if paper.origin != "rendered":
                findings += self._of_file(paper, form)
                not_judged.append(NotJudged(paper, "file"))
            elif form is None or record is None:
                not_judged.append(NotJudged(paper, "unreadable" if form else "form"))
            else:
                findings += self._of_data(paper, form, record["data"], chart)
        return Completeness(tuple(findings), tuple(not_judged))

    def _of_data(
        self, paper: DocumentEntry, form: Form, data: Mapping[str, Any], chart: ChartFacts
    ) -> Iterator[Finding]:
        signers = {signature.name_field for signature in form.signatures}
        demanded = self._demanded.get(form.code, set())
        lacking = _lacking(form.on(day_of(chart)), data) if form.accepts_json else set()
        for field in form.fields:
            if field.name in signers or self._is_waived(form, field.name):
                continue
            own = field.name in demanded
            if (own or _is_needed(field, chart)) and not _says(data.get(field.name)):
                lacking.discard(f"/{field.name}")
                source = BY_THE_FACILITY if own else form.source
                yield self._finding("incomplete", paper, f"/{field.name}", field.label.text, source)
            for path in sorted(each for each in lacking if each.split("/")[1] == field.name):
                yield self._finding("incomplete", paper, path, _label(field, path), form.source)
        for signature in form.signatures:
            if self._must_sign(form, signature) and not _names_signer(signature, data):
                path = f"/{signature.name_field}"
                yield self._finding("unsigned", paper, path, signature.role.text, form.source)

    def _of_file(self, paper: DocumentEntry, form: Form | None) -> Iterator[Finding]:
        """Yield what a file lacks: its own signatures; ink on a scan is for people to see."""
        source = form.source if form is not None else ""
        if paper.origin in _SIGNED_ELSEWHERE:
            verdict = paper.original["verdict"] if paper.original else None
            if verdict in _FAILED:
                yield Finding("unsigned", paper, "", _NO_VALID_SIGNATURE, source)
        elif paper.origin == "converted" and form is not None:
            for signature in form.signatures:
                if self._must_sign(form, signature):
                    yield Finding("unsigned", paper, "", signature.role.text, source)

    def _must_sign(self, form: Form, signature: Signature) -> bool:
        """Return whether the place to sign needs a name; a rendition's places have no field."""
        name = signature.name_field
        return name is not None and not signature.optional and not self._is_waived(form, name)

    def _is_waived(self, form: Form, name: str) -> bool:
        return not self._waived.isdisjoint((f"#{name}", f"{form.code}#{name}"))

    def _finding(
        self, kind: Kind, paper: DocumentEntry, path: str, label: Text, source: str
    ) -> Finding:
        return Finding(kind, paper, f"/data{path}", label, source)

    def _require_known(self) -> None:
        """Raise Misconfigured for a demand or a waiver that no form can meet."""
        names: dict[str, set[str]] = {}
        for form in self._forms.values():
            names.setdefault(form.code, set()).update(field.name for field in form.fields)
        every = {name for of_form in names.values() for name in of_form}
        asked = {waiver.partition("#")[::2] for waiver in self._waived}
        asked |= {(code, name) for code, own in self._demanded.items() for name in own}
        for code, name in sorted(asked):
            if name not in (names.get(code, ()) if code else every):
                raise Misconfigured(
                    why_vi=f"deposit: không có trường {code}#{name}",
                    why_en=f"deposit: there is no field {code}#{name}",
                )


def _is_needed(field: Field, chart: ChartFacts) -> bool:
    by_a_death = field.needed is Needed.DEATH and chart.outcome in _DIED
    return field.needed is Needed.DISCHARGE or by_a_death


def _says(value: object) -> bool:
    return value not in (None, "", [], {}) and (not isinstance(value, str) or bool(value.strip()))


def _names_signer(signature: Signature, data: Mapping[str, Any]) -> bool:
    if _says(data.get(signature.name_field or "")):
        return True
    name, _, column = (signature.otherwise or "").partition(".")
    value = data.get(name)
    if column and isinstance(value, list):
        return any(_says(row.get(column)) for row in value)
    return _says(value)


def _lacking(form: Form, data: Mapping[str, Any]) -> set[str]:
    """Return the paths of what the form requires of its data and the data do not say."""
    judged = faults(dict(data), form.data_schema())
    return {fault.path for fault in judged if fault.code == "field.missing"}


def _label(field: Field, path: str) -> Text:
    """Return the label of what lies at `path` within `field`, with the number of its row."""
    steps = path.split("/")[2:]
    part = (
        next((part for part in field.parts if part.name == steps[-1:][0]), None) if steps else None
    )
    if part is None:
        return field.label.text
    row = int(steps[0]) + 1
    vi, en = field.label, part.label
    return Text(f"{vi.vi}, dòng {row}: {en.vi}", f"{vi.en}, row {row}: {en.en}")


def _named(document: DocumentEntry) -> dict[str, Any]:
    return {
        "document_id": document.id,
        "form": document.form,
        "title": document.title.as_json(),
        "key": document.key,
        "sheet": document.sheet,
    }
