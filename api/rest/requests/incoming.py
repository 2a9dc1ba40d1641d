"""Requests as the API reads them: ids in addresses are UUIDs, and JSON is read by the strict reader
of the sources.
"""

from io import BytesIO
from typing import IO, Any

from flask import Request
from werkzeug.routing import BaseConverter

from api.connections.refusals import BodyTooLarge
from api.rest.errors import RequestInvalid, WrongMediaType
from api.rest.models.base import UUID
from archive.base.errors import SubmissionRejected
from archive.base.identifiers import FACILITY, record_id
from ingest.sources.limits import Limits
from ingest.sources.strict_json import parse_json

# Of a body that is not a submission. The longest orders name 2,000 records.
_LIMITS = Limits(depth=8, json_values=5000)
_MOST_BYTES = 512 << 10


class RecordConverter(BaseConverter):
    """The id of a record in an address: a UUID in letters of any case (RFC 9562, section 4), or no
    such address.
    """

    regex = UUID

    def to_python(self, value: str) -> str:
        """Return the id as records are stored."""
        return record_id(value)


class AccountConverter(BaseConverter):
    """The name of an account in an address, or no such address."""

    regex = "[a-z0-9][a-z0-9._-]{0,63}"


class FacilityConverter(BaseConverter):
    """A facility's code (mã cơ sở khám bệnh, chữa bệnh) in an address, or no such address."""

    regex = FACILITY


class KeyConverter(BaseConverter):
    """The id of an API key in an address, or no such address."""

    regex = "[a-z0-9]{8}"


class DigestConverter(BaseConverter):
    """A SHA-256 digest in an address, in lower-case hex, or no such address."""

    regex = "[0-9a-f]{64}"


class Incoming(Request):
    """A request whose JSON has no repeated names, no inexact numbers and bounded depth (RFC 8259,
    I-JSON).
    """

    def _get_file_stream(self, *_given: Any, **_more: Any) -> IO[bytes]:
        """Keep each part in memory: it is read whole at once, and a file of its own would cost a
        descriptor.
        """
        return BytesIO()

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """Return the body as a JSON object. Raises WrongMediaType, BodyTooLarge, RequestInvalid."""
        if self.mimetype != "application/json" or self.content_encoding is not None:
            raise WrongMediaType
        data = self.get_data(cache=True)
        if len(data) > _MOST_BYTES:
            raise BodyTooLarge
        try:
            document = parse_json(data, _LIMITS)
        except SubmissionRejected as refused:
            raise RequestInvalid(refused.faults) from refused
        # None fits no model: the library says so
        return document if isinstance(document, dict) else None
