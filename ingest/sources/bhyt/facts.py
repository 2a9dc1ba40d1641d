"""The facts of a chart about patient and episode, taken from its tables by the policy."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar

from pydantic import ValidationError

from archive.base.chronology import disorders
from archive.base.facts import ChartFacts, ChartKind, Diagnosis, Patient, Sex
from ingest.sources.bhyt.content import Content, split
from ingest.sources.bhyt.dates import When, parse_when
from ingest.sources.bhyt.policy import policy
from ingest.sources.faults import Faults, code_of
from ingest.submission import Stated

LONGEST_DIAGNOSIS = 8192  # characters, as archive.base.facts.Diagnosis has it

_SEXES = {sex.value: sex for sex in Sex}
_Value = TypeVar("_Value")
# Facts and the fields that they are taken from, the first that a table has.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "local_id": ("MA_BN", "MA_YTE"),
    "name": ("HO_TEN",),
    "birth_date": ("NGAY_SINH",),
    "national_id": ("SO_CCCD",),
    "social_insurance_number": ("MA_BHXH",),
    "insurance_cards": ("MA_THE_BHYT",),
    "address": ("DIA_CHI",),
    "episode": ("MA_LK",),
    "department": ("MA_KHOA", "MA_KHOA_RV"),
    "admitted_at": ("NGAY_VAO",),
    "discharged_at": ("NGAY_RA",),
    "diagnoses": ("MA_BENH_CHINH",),
}


class ChartReader:
    """Reads the facts of one chart from its tables, naming what is wrong as it goes."""

    def __init__(self, path: str, contents: Sequence[Content], faults: Faults) -> None:
        self.path, self.faults = path, faults
        order = {code: place for place, code in enumerate(policy().facts)}
        self.sources = sorted(
            contents, key=lambda content: order.get(content.file.code, len(order))
        )

    def discharged_on(self) -> date | None:
        """Return the day of discharge where a table gives one that is readable."""
        field = self._find("NGAY_RA")
        try:
            return parse_when(split(field[1])[-1]).moment().date() if field else None
        except (ValueError, IndexError):
            return None  # the field's own check names the fault

    def patient(self) -> Patient | None:
        """Return the patient, or None where a fault was named."""
        if self._find("HO_TEN") is None:
            self.faults.add(self.path, "chart.patient_missing")
            return None
        born = self._when("NGAY_SINH")
        return self._built(
            lambda: Patient(
                local_id=self._text("MA_BN") or self._text("MA_YTE"),
                name=self._text("HO_TEN") or "",
                birth_date=born.iso_date() if born else None,
                sex=self._coded("GIOI_TINH", _SEXES),
                national_id=self._text("SO_CCCD"),
                social_insurance_number=self._text("MA_BHXH"),
                insurance_cards=tuple(dict.fromkeys(split(self._text("MA_THE_BHYT") or ""))),
                address=self._text("DIA_CHI"),
            )
        )

    def chart(self) -> ChartFacts | None:
        """Return the episode, or None where a fault was named."""
        admitted, discharged = self._moment("NGAY_VAO"), self._moment("NGAY_RA", last=True)
        return self._built(
            lambda: ChartFacts(
                episode=self._text("MA_LK") or "",
                kind=self._kind(),
                department=self._text("MA_KHOA") or self._text("MA_KHOA_RV"),
                admitted_at=admitted,
                discharged_at=discharged,
                outcome=self._coded("KET_QUA_DTRI", policy().outcomes),
                diagnoses=self._diagnoses(),
            )
        )

    def stated(self) -> Stated:
        """Return what the tables say of the chart, for a refusal."""
        return Stated(self._text("MA_LK"), self._text("MA_KHOA") or self._text("MA_KHOA_RV"))

    def check_order(self, patient: Patient, chart: ChartFacts) -> None:
        """Name the dates of the episode that contradict each other."""
        for fact, code in disorders(patient, chart):
            self.faults.add(self._source_of(fact.rpartition("/")[2]), code)

    def _source_of(self, fact: str) -> str:
        """Return the path of the field that a fact was taken from."""
        return next(
            (field[0] for name in _FIELDS.get(fact, ()) if (field := self._find(name))),
            f"{self.path}/{fact}",
        )

    def _find(self, name: str) -> tuple[str, str] | None:
        return next((field for content in self.sources if (field := content.first(name))), None)

    def _place(self, name: str) -> str:
        field = self._find(name)
        return field[0] if field else f"{self.path}/{name}"

    def _text(self, name: str) -> str | None:
        """Return a field of one line: XML files are wrapped and indented, so white space is one
        space.
        """
        field = self._find(name)
        return " ".join(field[1].split()) if field else None

    def _when(self, name: str, *, last: bool = False) -> When | None:
        field = self._find(name)
        parts = split(field[1]) if field else []
        try:
            return parse_when(parts[-1 if last else 0]) if parts else None
        except ValueError:
            return None  # the field's own check names the fault

    def _moment(self, name: str, *, last: bool = False) -> datetime | None:
        when = self._when(name, last=last)
        if when is None:
            return None
        if when.day is None:
            self.faults.add(self._place(name), "date.incomplete")
            return None
        return when.moment()

    def _coded(self, name: str, codes: Mapping[str, _Value]) -> _Value | None:
        field = self._find(name)
        if field is None:
            return None
        if field[1] not in codes:
            self.faults.add(field[0], "code.unknown")
        return codes.get(field[1])

    def _kind(self) -> ChartKind:
        field = self._find("MA_LOAI_KCB")
        if field is None:
            signs = policy().inpatient_signs
            admitted = any(self._find(name) for name in signs.fields)
            admitted = admitted or any(
                content.file.code in signs.tables for content in self.sources
            )
            return ChartKind.INPATIENT if admitted else ChartKind.OUTPATIENT
        kind = policy().kinds.get(field[1].zfill(2))
        if kind is None:
            self.faults.add(field[0], "code.unknown")
        return kind or ChartKind.OUTPATIENT  # the fault refuses the chart: the kind is not used

    def _diagnoses(self) -> tuple[Diagnosis, ...]:
        field = self._find("CHAN_DOAN_RV")
        words = field[1] if field else ""
        if len(words) > LONGEST_DIAGNOSIS:
            self.faults.add(self._place("CHAN_DOAN_RV"), "field.too_long", limit=LONGEST_DIAGNOSIS)
            return ()
        main = self._icd10("MA_BENH_CHINH")
        diagnoses = [Diagnosis(icd10=code, text=words, main=True) for code in main[:1]]
        if words and not main:
            diagnoses = [Diagnosis(text=words, main=True)]
        others = dict.fromkeys([*main[1:], *self._icd10("MA_BENH_KT")])
        return (*diagnoses, *(Diagnosis(icd10=code) for code in others))

    def _icd10(self, name: str) -> list[str]:
        field = self._find(name)
        if field is None:
            return []
        codes = [code.upper().replace("†", "+") for code in split(field[1])]
        if all(policy().icd10.fullmatch(code) for code in codes):
            return codes
        self.faults.add(field[0], "icd10.invalid")
        return []

    def _built(self, make: Callable[[], _Value]) -> _Value | None:
        try:
            return make()
        except ValidationError as error:
            for problem in error.errors(
                include_input=False, include_url=False, include_context=False
            ):
                self.faults.add(self._source_of(str(problem["loc"][0])), code_of(problem))
            return None
