"""`/v1/users`: the people who sign in, and their sessions; for administrators."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from api.access.passwords import AccountInvalid, SigningInBusy
from api.access.users import AccountExists, LastAdministrator
from api.rest.access import caller, needs
from api.rest.answers import answer, page
from api.rest.errors import JSON_BODY, RequestInvalid
from api.rest.models.users import (
    NewPassword,
    NewRole,
    NewUser,
    SessionPage,
    SessionPath,
    UserAnswer,
    UserPage,
    UserPath,
)
from api.rest.operation import Answer, documented, tag
from api.rest.service import service
from archive.access.actor import Permission
from archive.base.errors import NotFound

users = APIBlueprint("users", __name__, url_prefix="/v1/users", abp_tags=[tag("users")])
_EMPTY = {204: Answer(empty=True)}


@users.get("", **documented("listUsers", {200: UserPage}))
@needs(Permission.PEOPLE)
def list_users() -> Response:
    """Every user, by name."""
    return page(UserPage, [user.as_json() for user in service().users.all()], None)


@users.post(
    "",
    **documented(
        "createUser", {201: UserAnswer}, AccountExists, AccountInvalid, SigningInBusy, *JSON_BODY
    ),
)
@needs(Permission.PEOPLE)
def create_user(body: NewUser) -> Response:
    """Make an account; a name that exists is refused."""
    user = service().users.create(
        body.name,
        body.role,
        body.password,
        caller().actor,
        departments=body.departments,
        full_name=body.full_name,
    )
    return answer(UserAnswer, user.as_json(), 201)


@users.get("/<account:name>", **documented("getUser", {200: UserAnswer}, NotFound))
@needs(Permission.PEOPLE)
def get_user(path: UserPath) -> Response:
    """One user."""
    return answer(UserAnswer, service().users.get(path.name).as_json())


@users.put(
    "/<account:name>/role",
    **documented(
        "assignRole", {200: UserAnswer}, NotFound, AccountInvalid, LastAdministrator, *JSON_BODY
    ),
)
@needs(Permission.PEOPLE)
def assign_role(path: UserPath, body: NewRole) -> Response:
    """Give the user another role; the user's sessions end."""
    user = service().users.assign(
        path.name, body.role, caller().actor, departments=body.departments
    )
    return answer(UserAnswer, user.as_json())


@users.put(
    "/<account:name>/password",
    **documented(
        "resetPassword", {200: UserAnswer}, NotFound, AccountInvalid, SigningInBusy, *JSON_BODY
    ),
)
@needs(Permission.PEOPLE)
def reset_password(path: UserPath, body: NewPassword) -> Response:
    """Give the user another password, to be replaced at the next sign-in."""
    user = service().users.reset_password(path.name, body.password, caller().actor)
    return answer(UserAnswer, user.as_json())


@users.post(
    "/<account:name>/disable",
    **documented("disableUser", {200: UserAnswer}, NotFound, LastAdministrator),
)
@needs(Permission.PEOPLE)
def disable_user(path: UserPath) -> Response:
    """Let the user sign in no longer; the user's sessions end."""
    return answer(UserAnswer, service().users.disable(path.name, caller().actor).as_json())


@users.post("/<account:name>/enable", **documented("enableUser", {200: UserAnswer}, NotFound))
@needs(Permission.PEOPLE)
def enable_user(path: UserPath) -> Response:
    """Let a disabled user sign in again."""
    return answer(UserAnswer, service().users.enable(path.name, caller().actor).as_json())


@users.get("/<account:name>/sessions", **documented("listSessions", {200: SessionPage}, NotFound))
@needs(Permission.PEOPLE)
def list_sessions(path: UserPath) -> Response:
    """Where the user is signed in."""
    user = service().users.get(path.name)
    sessions = service().sessions.of(user.name)
    return page(SessionPage, [session.as_json() for session in sessions], None)


@users.delete(
    "/<account:name>/sessions", **documented("endSessions", _EMPTY, NotFound, RequestInvalid)
)
@needs(Permission.PEOPLE)
def end_sessions(path: UserPath) -> Response:
    """End every session of the user."""
    user = service().users.get(path.name)
    service().sessions.end_all(user.name, caller().actor)
    return Response(status=204)


@users.delete(
    "/<account:name>/sessions/<digest:session_id>",
    **documented("endSession", _EMPTY, NotFound, RequestInvalid),
)
@needs(Permission.PEOPLE)
def end_session(path: SessionPath) -> Response:
    """End one session of the user."""
    service().sessions.end(path.name, path.session_id, caller().actor)
    return Response(status=204)
