"""`GET /v1/schemas/kho-chart-1`: the JSON Schema of the record, with every form's fields, as it is
taken today.
"""

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint

from api.rest.access import needs
from api.rest.operation import Answer, documented, tag
from api.rest.service import service
from archive.access.actor import Permission
from archive.base.clock import vietnam_date

schemas = APIBlueprint("schemas", __name__, url_prefix="/v1/schemas", abp_tags=[tag("submissions")])
MEDIA_TYPE = "application/schema+json"


@schemas.get("/kho-chart-1", **documented("getRecordSchema", {200: Answer(media_type=MEDIA_TYPE)}))
@needs(Permission.INGEST)
def get_record_schema() -> Response:
    """The schema that a record is held against."""
    archive = service().archive
    response = jsonify(archive.forms.in_force(vietnam_date(archive.clock.now())).chart_schema())
    response.mimetype = MEDIA_TYPE
    return response
