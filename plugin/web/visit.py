"""Who is here, and from where: a page's document for everybody, its content for a visitor whose token was checked.

How a page is made (the frame around it is `templates/pages/document.html` and `plugin/browser`):

- A view answers content only: `render_template("pages/<name>/….html", …)`, beginning with `<h1>`. It asks `visit()` who is
  here and links with `here("<page>.<view>", …)`. Plain `<a href>` and `<form method="post" action>` are enough: everything
  inside the page is sent with the host's token, put in the place of the page, and its address kept in the history. A form
  needs `hx-push-url="false"`; a part of a page names its place with `hx-target="#part"`.
- 200 is put in its place; so are 422 (a form with its errors) and 409 (with what somebody else changed). Any other status is
  said in a banner and leaves what was typed where it is. `[aria-invalid]` gets the focus, else `[data-focus]`, else the
  heading; `[data-news]` is read aloud.
- A part that refuses fields standing elsewhere answers 422 with `components/wrong_fields.html`: each `data-beside="field"` is
  put beside that field. Who opens a page and gets none reads what `web/error_pages.py` says; below an admin's entry a wrong
  address keeps the menu (`astray`).
- `<form data-save>` is asked for before what was typed in it is left, by whichever way (`browser/leaving.js`); with `savebar()`
  it has a save bar. `data-unsaved` says that it comes back unsaved: Discard then fetches the page at its `action` anew.
  `data-when="send=name"` shows a part of a form only then. `hx-confirm="…"` asks first. `<a data-download href>` fetches a file
  with the token; its value may name an element that tells how far it is (`browser/progress.js`).
- Texts are marked `_("…")`; a stored reason is told by `| translated`, a mistake of the settings by `field_message` in
  `forms/settings.py`; what is data stands in an element with `translate="no"`.
- Macros: `components/forms.html` and `components/parts.html`.
- A platform may have `templates/head.html` (its colours, `tokens.css`, and its script, deferred, which sets `window.host`:
  see `browser/host.js`) and `templates/nav.html`, which gets `links`; both get `frame`. A host's menu opens a page with the
  event `host:open` (`detail.path`), in place.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g, render_template, request, url_for
from werkzeug.exceptions import MethodNotAllowed, NotFound

from plugin.domain.errors import NotAdmitted
from plugin.domain.kinds import EventKind, possible
from plugin.domain.settings import ShopSettings
from plugin.domain.shop import Shop
from plugin.ports import AdminEntry, EarlyResponse, PageRequest, Platform, Visitor
from plugin.web import i18n, limits
from plugin.web.error_pages import wants_page
from plugin.web.headers import FRAMED, SECURITY, USUAL
from plugin.web.moments import moment
from plugin.web.navigation import menu
from plugin.web.services import services


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request of one visitor."""

    visitor: Visitor
    settings: ShopSettings

    @property
    def shop(self) -> Shop:
        return self.visitor.shop

    @property
    def platform(self) -> Platform:
        return services().platforms[self.shop.platform]

    @property
    def zone(self) -> ZoneInfo:
        """The store's clock: as the settings say, else as the platform does."""
        return replace(self.shop, timezone=self.settings.store.timezone or self.shop.timezone).zone

    @property
    def kinds(self) -> tuple[EventKind, ...]:
        """What pages offer: what can happen in this shop, and what its settings name all the same.

        A settings file may name any kind; what is on must be seen, or nobody could switch it off.
        """
        told = possible(self.platform.kinds)
        named = {*self.settings.table.routes, *(flow.event for flow in self.settings.table.flows)}
        return tuple(kind for kind in EventKind if kind in told or kind in named)


def guard(pages: Blueprint, platform: str, admin_entry: AdminEntry) -> None:
    """Admit nobody to these pages without a token; a document without content is for everybody."""

    def admit() -> Response | None:
        g.platform, g.entry = platform, admin_entry.entry
        ours, page_request = services(), _page_request()
        with _counting_refusals(platform, admin_entry, page_request):
            if request.method == "GET" and "authorization" not in page_request.headers:
                return _document(platform, admin_entry, page_request)
            visitor = admin_entry.visitor(page_request, ours.store.shops, now=ours.now())
        limits.demand(limits.PAGES, visitor.shop.id, now=ours.now())
        g.visit = Visit(visitor=visitor, settings=ours.store.shops.settings(visitor.shop.id))
        return _suspended(visitor.shop)

    def astray() -> Response | None:
        """At an address below the entry that is none of ours, the menu and a way Home, for whom a page would be shown."""
        is_wrong = isinstance(request.routing_exception, NotFound | MethodNotAllowed)
        if not is_wrong or not request.path.startswith(f"{admin_entry.entry}/") or not wants_page():
            return None
        page_request = _page_request()
        with _counting_refusals(platform, admin_entry, page_request):
            answer = _document(platform, admin_entry, page_request, is_astray=True)
        return None if answer.status_code == HTTPStatus.OK else _not_cached(answer)

    pages.before_request(admit)
    pages.before_app_request(astray)
    pages.after_request(_not_cached)


def _suspended(shop: Shop) -> Response | None:
    """What every page of a suspended shop says, but for the audit's and those on which customers are answered."""
    found = services().store.shops.find(shop.platform, shop.address)
    page = (request.endpoint or "").split(".")[1:2]
    if found is None or not found.suspended_at or page in (["audit"], ["people"]):
        return None
    return Response(render_template("pages/suspended.html", since=moment(found.suspended_at, visit().zone)))


@contextmanager
def _counting_refusals(platform: str, admin_entry: AdminEntry, page_request: PageRequest) -> Iterator[None]:
    """Have the audit of the shop that was spoken for count who is not admitted."""
    try:
        yield
    except NotAdmitted as error:
        ours = services()
        address = admin_entry.claimed(page_request) if error.kind else ""
        found = ours.store.shops.find(platform, address) if address else None
        if found is not None and error.kind is not None:
            ours.store.audit.login_refused(found.shop.id, error.kind, who=error.who, now=ours.now())
        raise


def _not_cached(answer: Response) -> Response:
    """One address has two answers, and the second is a shop's: no cache may keep either, or take one for the other."""
    answer.headers["Cache-Control"] = "no-store"
    answer.vary.add("Authorization")
    return answer


def visit() -> Visit:
    """The visit this request belongs to."""
    return cast(Visit, g.visit)


def here(endpoint: str, **values: Any) -> str:
    """The address of a page on the platform we are on: `here("deliveries.show", id=7)`."""
    return url_for(f"{request.blueprints[-1]}.{endpoint}", **values)


def _page_request() -> PageRequest:
    headers = {name.lower(): value for name, value in request.headers.items()}
    address = f"{services().settings.public_url}{request.full_path.rstrip('?')}"
    came_from = request.remote_addr or ""
    return PageRequest(url=address, query=request.args.to_dict(), headers=headers, address=came_from)


def _document(platform: str, admin_entry: AdminEntry, page_request: PageRequest, *, is_astray: bool = False) -> Response:
    ours = services()
    frame = admin_entry.open(page_request, ours.store.shops, now=ours.now())
    if isinstance(frame, EarlyResponse):
        return Response(frame.body, status=frame.status, headers={**FRAMED, **frame.headers}, mimetype="text/html")
    i18n.set_locale(frame.locale)
    facts = {"frame": frame, "platform": platform, "links": menu(platform), "publisher": ours.settings.publisher}
    page = render_template("pages/document.html", home=admin_entry.entry, is_astray=is_astray, **facts)
    answer = Response(page, status=HTTPStatus.NOT_FOUND if is_astray else HTTPStatus.OK)
    scripts = " ".join(("'self'", *frame.scripts))
    answer.headers[SECURITY] = f"{USUAL}; script-src {scripts}; frame-ancestors {frame.ancestors}"
    answer.headers.update(FRAMED)
    return answer
