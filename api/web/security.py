"""What keeps the pages safe: headers, cookies, idle sign-out, and that nothing is shown before
sign-in.
"""

from urllib.parse import parse_qsl, urlencode

from flask import Flask, Response, current_app, flash, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import RequestRedirect

from api.access.accounts import Account
from api.access.security_events import begin_request
from api.connections.announcement import STRANGERS, waiting
from api.problem_details import TLS_ONLY
from api.web.browsers import short_form
from api.web.site import SignedIn, caller, site
from api.web.way_back import way_back
from api.web.wording import say
from archive.access.actor import Permission

UPLOAD_BYTES = 64 << 20

# Pages without sign-in. Every other endpoint requires it, also one that is added later.
_OPEN = frozenset({"static", "signing.sign_in", "copies.compare", "icon"})
# What a person may open whose password an administrator set.
_BEFORE_OWN_PASSWORD = frozenset({"own_account.password", "signing.sign_out"})
# Endpoints that take a large body, and the permission for it; None: without sign-in.
_LARGE_BODIES = {
    "verifying.verify": Permission.READ,
    "copies.compare": None,
    "packet_reception.upload": Permission.PACKET,
    "bringing.bring": Permission.INGEST,
    "correcting.correct": Permission.INGEST,
}
_MOST_PARTS = 300  # of a form with files: all other forms have few fields
_UNCHANGING = frozenset({"static", "icon"})

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_POLICY_WITH_SCRIPT = f"{_POLICY}; script-src 'self'; connect-src 'self'"
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class _Cookies(SecureCookieSessionInterface):
    """Sessions in a signed cookie; over https it is `Secure`, and `__Host-`: no neighbour's page
    can set it.

    If the facility's public address is https, every session is, whatever a proxy on another machine
    says.
    """

    def get_cookie_name(self, app: Flask) -> str:
        return "__Host-kho" if self.get_cookie_secure(app) else "kho"

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure or (site().archive.facility.public_url or "").startswith(
            "https://"
        )


def harden(app: Flask) -> None:
    """Put the rules of this module on `app`."""
    app.session_interface = _Cookies()
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=UPLOAD_BYTES,
        MAX_FORM_MEMORY_SIZE=256 << 10,
        MAX_FORM_PARTS=50,
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session
        # that check wants a Referer, which our own policy forbids; the token is the guard
        WTF_CSRF_SSL_STRICT=False,
    )
    app.before_request(lambda: begin_request("pages", request.remote_addr))
    app.before_request(_require_sign_in)
    app.before_request(_answer_announcement)
    app.after_request(_add_headers)


def with_script(response: Response) -> Response:
    """Let a page run Kho's own script files, and let these ask Kho; other pages run no script."""
    response.headers["Content-Security-Policy"] = _POLICY_WITH_SCRIPT
    return response


def start_session(account: Account) -> None:
    """Begin a session for the person who has just shown the password;
    nothing of the earlier session is kept.
    """
    browser = short_form(request.user_agent.string)
    token = site().sessions.begin(account, browser, request.remote_addr)
    session.clear()
    login_user(SignedIn(account, token))


def end_session() -> None:
    """Forget the session in this browser; its row has ended already, or ends with its time."""
    logout_user()
    session.clear()


def safe_target(path: str | None) -> str | None:
    """Return `path` if it is the address of one of our own pages, else None: sign-in never
    redirects elsewhere.
    """
    if not path or not path.startswith("/") or path.startswith("//") or "\\" in path:
        return None
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None  # there is a request
    place, _, query = path.partition("?")
    try:
        endpoint, arguments = adapter.match(place, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    kept = urlencode(parse_qsl(query, max_num_fields=50)) if query.count("&") < 50 else ""
    address = url_for(endpoint, **arguments)
    return f"{address}?{kept}" if kept else address


def _require_sign_in() -> ResponseReturnValue | None:
    # no endpoint: our 404 page, which reveals nothing
    if request.endpoint in _OPEN or request.endpoint is None:
        return None
    if current_user.is_authenticated:
        return _require_own_password()
    token = session.get("_user_id")  # Flask-Login's: of a session that has ended
    target = way_back(token)
    if token:
        end_session()
        flash(say("signing.idle"))
    return redirect(url_for("signing.sign_in", next=target), 303)


def _require_own_password() -> ResponseReturnValue | None:
    """Redirect a person whose password an administrator set to the page that replaces it."""
    if not current_user.account.must_change or request.endpoint in _BEFORE_OWN_PASSWORD:
        return None
    return redirect(url_for("own_account.password"), 303)


def _answer_announcement() -> ResponseReturnValue | None:
    """Let a large body come where the page takes one and the caller may use it.

    Raises Denied, 413.
    """
    announcement = waiting(request.environ)
    if request.endpoint in _LARGE_BODIES:
        request.max_form_parts = _MOST_PARTS
    if announcement is None or request.endpoint is None:
        return None
    if request.endpoint not in _LARGE_BODIES or (request.content_length or 0) > UPLOAD_BYTES:
        raise RequestEntityTooLarge
    permission = _LARGE_BODIES[request.endpoint]
    announcement.admit(STRANGERS if permission is None else caller(permission).name)
    return "", 204


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint not in _UNCHANGING or response.status_code not in (200, 304):
        response.headers["Cache-Control"] = "no-store"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = TLS_ONLY
    return response
