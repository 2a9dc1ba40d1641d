"""`/v1/departments`: what the departments are called; facility data, no patient's."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from api.reading.views import departments_view
from api.rest.access import caller, needs
from api.rest.answers import page
from api.rest.errors import JSON_BODY
from api.rest.models.departments import DepartmentPage, NewDepartmentNames
from api.rest.operation import documented, tag
from api.rest.service import service
from api.writing.departments import DepartmentInvalid
from archive.access.actor import Permission
from archive.base.clock import vietnam_date
from archive.base.departments import DepartmentName
from archive.base.leases import LeaseHeld
from archive.vault.contract import VaultError

departments = APIBlueprint(
    "departments", __name__, url_prefix="/v1/departments", abp_tags=[tag("departments")]
)


@departments.get("", **documented("listDepartments", {200: DepartmentPage}))
@needs(Permission.DEPARTMENTS)
def list_departments() -> Response:
    """Every department that has a name, by code."""
    return _all()


@departments.post(
    "",
    **documented(
        "nameDepartments",
        {200: DepartmentPage},
        DepartmentInvalid,
        LeaseHeld,
        VaultError,
        *JSON_BODY,
    ),
)
@needs(Permission.DEPARTMENTS)
def name_departments(body: NewDepartmentNames) -> Response:
    """Name departments within the caller's scope; what is stated already changes nothing."""
    account, held = caller(), service()
    today = vietnam_date(held.archive.clock.now())
    names = [DepartmentName(each.code, each.name, each.since or today) for each in body.names]
    with held.writing(account.name):
        held.open_for_writing().departments.name(names, account.actor, account.scope)
    return _all()


def _all() -> Response:
    listed = departments_view(service().archive.departments.names())["departments"]
    return page(DepartmentPage, listed, None)
