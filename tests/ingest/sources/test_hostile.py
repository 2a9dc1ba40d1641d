"""Bad input is refused whole, with every fault named by path, and never by an exception."""

import pytest

from archive.base.messages.loader import fault_texts
from ingest.sources.detect import parse_source
from ingest.submission import RefusedSource
from tests.ingest.files.hostile import corpus as hostile_files
from tests.ingest.sources.charts import CATALOG, FACILITY
from tests.ingest.sources.hostile import Hostile, corpus
from tests.ingest.sources.test_finished import REFUSED as REFUSED_IN_A_RECORD
from tests.ingest.sources.test_folder import REFUSALS as REFUSED_BY_FOLDER

# Of finished files: tests/ingest/sources/test_finished.py; test_examiner.py, test_converting.py and
# test_scanner.py.
REFUSED_WITH_A_RECORD = set(REFUSED_IN_A_RECORD)
REFUSED_BY_OTHERS = {
    "file.signature_broken",
    "file.not_convertible",
    "file.not_faithful",
    "file.unreadable",
    "source.infected",
}
REFUSED_BY_OTHERS |= {"photographs.number", "photographs.kind"}  # test_photographs.py
REFUSED_BY_OTHERS |= {"file.ambiguous"}  # test_folder.py
REFUSED_BY_OTHERS |= {"date.future"}  # the accession service knows the day: test_accession.py
REFUSED_BY_OTHERS |= {"text.legacy", "table.empty"}  # notices: test_notices.py
REFUSED_BY_OTHERS |= {"code.unlisted"}  # a notice: tests/ingest/codes/test_shelf.py
NOT_A_SOURCE = {"envelope.root"}  # detection says it first; see test_envelope
# named by ingest.forms.validation
FROM_THE_SCHEMA = {"text.character", "list.empty", "field.not_in_list"}


@pytest.mark.parametrize("hostile", corpus(), ids=lambda hostile: hostile.name)
def test_a_hostile_file_is_refused_and_the_fault_is_named_by_path(hostile: Hostile) -> None:
    parsed = parse_source(hostile.name, hostile.data, CATALOG, FACILITY, hostile.limits)
    assert all(isinstance(each, RefusedSource) for each in parsed)
    faults = [
        (fault.path, fault.code)
        for each in parsed
        if isinstance(each, RefusedSource)
        for fault in each.faults
    ]
    assert (hostile.path, hostile.code) in faults


@pytest.mark.parametrize("hostile", corpus(), ids=lambda hostile: hostile.name)
def test_messages_are_finished_sentences_in_both_languages(hostile: Hostile) -> None:
    for each in parse_source(hostile.name, hostile.data, CATALOG, FACILITY, hostile.limits):
        assert isinstance(each, RefusedSource)
        for fault in each.faults:
            assert fault.message.vi.endswith(".")
            assert fault.message.en.endswith(".")
            assert "{" not in fault.message.vi + fault.message.en


def test_every_fault_that_is_listed_can_be_reached() -> None:
    reached = (
        {hostile.code for hostile in corpus()}
        | set(REFUSED_BY_FOLDER)
        | {file.code for file in hostile_files()}
    )
    reached |= REFUSED_WITH_A_RECORD | REFUSED_BY_OTHERS
    assert fault_texts("sources").keys() == (reached | NOT_A_SOURCE) - FROM_THE_SCHEMA


def test_a_refusal_repeats_nothing_of_the_patient() -> None:
    secret = "Bí Mật Riêng"
    for hostile in corpus():
        data = hostile.data.replace("Nguyễn Thị Mẫu Hòa".encode(), secret.encode())
        for each in parse_source(hostile.name, data, CATALOG, FACILITY, hostile.limits):
            if isinstance(each, RefusedSource):
                assert secret not in str(each.faults)
