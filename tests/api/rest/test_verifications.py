"""Reports over the API: of originals, and of files that somebody brings."""

from collections.abc import Callable

import pytest

from tests.api.rest.conftest import Api

PDF = "application/pdf"


@pytest.fixture
def original(reading: Api) -> tuple[str, bytes]:
    """A document of the department K02 and its original."""
    chart = next(
        item for item in reading.body("/charts")["items"] if item["chart"]["department"] == "K02"
    )
    document = reading.body(f"/documents?chart_id={chart['chart_id']}")["items"][0]["document_id"]
    return document, reading.get(f"/documents/{document}/original").data


def test_an_original_is_judged_and_known(reading: Api, original: tuple[str, bytes]) -> None:
    document, data = original
    stored = reading.body(f"/documents/{document}/verification")
    brought = reading.call("POST", "/verifications", data=data, content_type=PDF).json
    assert brought is not None
    assert stored["verdict"] == brought["verdict"] == "valid"
    assert (brought["known"], brought["document_id"]) == (True, document)
    assert stored["document_id"] == document


def test_a_caller_that_may_not_see_it_does_not_learn_that_it_is_known(
    reading: Api, original: tuple[str, bytes], key_for: Callable[..., dict[str, str]]
) -> None:
    other = reading.as_(key_for("reader", ["K01"]))
    report = other.call("POST", "/verifications", data=original[1], content_type=PDF).json
    assert report is not None
    assert (report["verdict"], report["known"], report["document_id"]) == ("valid", False, None)


def test_a_changed_copy_is_judged_as_what_it_is(reading: Api, original: tuple[str, bytes]) -> None:
    report = reading.call(
        "POST", "/verifications", data=original[1] + b"\n%", content_type=PDF
    ).json
    assert report is not None
    assert report["verdict"] != "valid"
    assert not report["known"]


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"no PDF", PDF, 422),
        (b"", PDF, 422),
        (b"%PDF-1.7", "text/plain", 415),
        (b"%PDF-1.7", "", 415),
    ],
)
def test_what_is_no_pdf_is_refused(reading: Api, data: bytes, kind: str, status: int) -> None:
    assert (
        reading.call("POST", "/verifications", data=data, content_type=kind).status_code == status
    )


def test_a_document_of_data_has_no_file_that_came(
    reading: Api, original: tuple[str, bytes]
) -> None:
    answer = reading.get(f"/documents/{original[0]}/received")
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["code"] == "document.nothing_received"
