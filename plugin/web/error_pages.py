"""What somebody reads who opened a page and gets none: why, and what to do; nothing of a shop, and no script."""

from flask import Response, render_template, request

from plugin.web import i18n
from plugin.web.headers import FRAMED, SECURITY
from plugin.web.i18n import gettext as _

# It may be framed by anybody, else an admin would show a blank place where the reason stands; there is nothing to click.
POLICY = "default-src 'none'; style-src 'self'; frame-ancestors *"


def wants_page() -> bool:
    """Whether a browser asks in order to show the answer; our own script brings a token and asks for a part of a page."""
    return (
        request.method == "GET" and "Authorization" not in request.headers and "text/html" in request.headers.get("Accept", "")
    )


def not_admitted(reason: str, status: int) -> Response:
    """401: the way to come in; 403: why not, in the platform's words."""
    i18n.set_locale(request.args.get("locale", ""))
    if status != 401:
        return _page(_("The app cannot let you in"), status, reason=reason)
    inside = _(
        "This app works inside the admin of the store where it is installed: that is how it knows who you are. You "
        "cannot log in here."
    )
    already = _(
        "If you are in your store’s admin already, reload the page. If that does not help, a browser extension may be "
        "keeping the admin and the app apart."
    )
    return _page(_("Open the app from your store’s admin"), status, inside, already, reason=reason)


def not_found(status: int) -> Response:
    i18n.set_locale(request.args.get("locale", ""))
    return _page(_("Page not found"), status, _("Open the app again from your store’s admin, and choose the page there."))


def unavailable() -> Response:
    i18n.set_locale(request.args.get("locale", ""))
    return _page(_("Something went wrong on our side"), 503, _("Nothing was lost. Reload the page in a moment."))


def _page(title: str, status: int, *texts: str, reason: str = "") -> Response:
    answer = Response(render_template("pages/refused.html", title=title, texts=texts, reason=reason), status=status)
    answer.headers[SECURITY] = POLICY
    answer.headers.update(FRAMED)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Vary"] = "Accept, Authorization"
    return answer
