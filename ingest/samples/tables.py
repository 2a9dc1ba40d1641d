"""The insurance tables of an invented episode: only what a hospital of that kind would fill in."""

from collections.abc import Callable

from ingest.samples import certificates, clinical
from ingest.samples.episode import Episode
from ingest.samples.values import Row


def tables(
    episode: Episode, *, children: int = 0, assessment: bool = False
) -> list[tuple[str, list[Row]]]:
    """Return `(table code, rows)` of the tables that `episode` fills, XML1 first.

    `children` adds a giấy chứng sinh and a giấy ra viện for each; `assessment` adds a giám định y
    khoa.
    """
    case = episode.case
    tables: list[tuple[str, list[Row]]] = [
        ("XML1", [clinical.summary(episode)]),
        ("XML2", clinical.drugs(episode)),
        ("XML3", clinical.services(episode)),
        ("XML4", clinical.results(episode)),
    ]
    optional: list[tuple[bool, str, Callable[[Episode], list[Row]]]] = [
        (episode.inpatient, "XML5", clinical.course),
        (case.icd10 == "B20", "XML6", certificates.hiv),
        (episode.inpatient and not children, "XML7", certificates.discharge),
        (episode.inpatient, "XML8", certificates.history),
        (case.leave_days is not None, "XML10", certificates.pregnancy_leave),
        (case.appointment_days is not None, "XML11", certificates.sick_leave),
        (assessment, "XML12", certificates.assessment),
        (case.transfer is not None, "XML13", certificates.transfer),
        (case.appointment_days is not None, "XML14", certificates.appointment),
        (case.icd10.startswith("A15"), "XML15", certificates.tuberculosis),
    ]
    tables += [(code, rows(episode)) for wanted, code, rows in optional if wanted]
    for number in range(1, children + 1):
        tables.append(("XML7", certificates.discharge(episode)))
        tables.append(("XML9", [certificates.birth(episode, number, children)]))
    return tables
