"""The language of the pages: what the reader chose, kept in a cookie; until then what their browser
asks for.
"""

from typing import get_args
from urllib.parse import urlencode

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from archive.base.bilingual import Language

COOKIE = "kho-language"
_KEPT = 365 * 24 * 3600  # seconds
_PARAMETER = "language"  # of any page's address: `?language=en`


def language() -> Language:
    """Return the language of the requested page.

    Vietnamese is the first language: a browser gets English unasked only if it wants English and
    knows no Vietnamese.
    """
    chosen = request.cookies.get(COOKIE)
    if chosen in get_args(Language):
        return "en" if chosen == "en" else "vi"
    wanted = {
        tag.lower().partition("-")[0] for tag, quality in request.accept_languages if quality > 0
    }
    return "en" if "en" in wanted and "vi" not in wanted else "vi"


def install(app: Flask) -> None:
    """Let every page of `app` be switched to the other language, also before sign-in."""
    app.before_request(_switch)
    app.after_request(_say_language)
    app.context_processor(
        lambda: {"language": language(), "languages": get_args(Language), "switched": _switched}
    )


def _switched(to: Language) -> str:
    """Return the address that shows this very page in a language, relative to it."""
    return "?" + urlencode({**_kept(), _PARAMETER: to})


def _switch() -> ResponseReturnValue | None:
    """Keep the language that an address names, and redirect to the same address without it; change
    nothing else.

    The new address is built from the page's own route. So a link cannot redirect the user to
    another site.
    """
    chosen = request.args.get(_PARAMETER)
    if chosen is None or chosen not in get_args(Language) or request.method != "GET":
        return None
    if request.endpoint is None:  # our 404 page, which is at no address
        answer = redirect(url_for("search.start"), 303)
    else:
        kept = urlencode(_kept())
        page = url_for(request.endpoint, **(request.view_args or {}))
        answer = redirect(f"{page}?{kept}" if kept else page, 303)
    answer.set_cookie(
        COOKIE, chosen, max_age=_KEPT, httponly=True, samesite="Lax", secure=request.is_secure
    )
    return answer


def _kept() -> dict[str, str]:
    """Return what else the address says."""
    return {name: value for name, value in request.args.items() if name != _PARAMETER}


def _say_language(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.headers["Content-Language"] = language()
    return response
