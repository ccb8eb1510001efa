"""Customers' data: who asked for theirs, what is kept about somebody, handed out and deleted.

A person is named in the body of a request, never in its address: addresses stand in logs of proxies.
"""

from collections.abc import Iterator, Mapping
from functools import partial

from flask import Blueprint, Response, abort, render_template, request

from plugin.domain.person import Person
from plugin.ports import DataRequest
from plugin.upkeep import people
from plugin.upkeep.people import Sought
from plugin.web import limits, streaming
from plugin.web.auditing import by_visitor
from plugin.web.pages.people import presenter, readable
from plugin.web.services import services
from plugin.web.visit import visit

blueprint = Blueprint("people", __name__, url_prefix="/settings/customers")

NAMES = ("email", "phone", "customer_id")
NOBODY: Mapping[str, str] = dict.fromkeys(NAMES, "")


@blueprint.get("", strict_slashes=False)
def show() -> str:
    return _page(NOBODY)


@blueprint.post("", strict_slashes=False)
def look() -> tuple[str, int]:
    """What is kept about the person who was typed or who asked, counted by kind."""
    return _about("pages/people/found.html")


@blueprint.post("/ask")
def ask() -> tuple[str, int]:
    """The same, and whether all of it is to be deleted."""
    return _about("pages/people/ask.html")


@blueprint.post("/erase")
def erase() -> tuple[str, int]:
    typed = _typed()
    if wrong := people.unreadable(_person(typed)):
        return _page(typed, errors=presenter.errors(wrong)), 422
    sought = _sought(typed)
    erased = people.erase(services().store, sought, **by_visitor(), now=services().now())
    text = render_template(
        "pages/people/erased.html", counts=presenter.counted(erased), has_keys=visit().settings.account.has_keys,
        by_hand=people.by_hand(visit().settings.account), shared=presenter.shared(sought),
    )  # fmt: skip
    return text, 200


@blueprint.post("/export.json")
def export() -> Response:
    """All that is kept, as JSON."""
    limits.demand(limits.EXPORTS, visit().shop.id, now=services().now())
    sought = _sought_or_422()
    pieces = people.export(services().store, sought, **by_visitor(), now=services().now())
    return _file(pieces, "customer-data.json", "application/json")


@blueprint.post("/export.html")
def export_page() -> Response:
    """The same as a page that a person can read, by itself in one file."""
    limits.demand(limits.EXPORTS, visit().shop.id, now=services().now())
    sought = _sought_or_422()
    pieces = readable.page(services().store, sought, **by_visitor(), zone=visit().zone, now=services().now())
    return _file(pieces, "customer-data.html", "text/html")


def _file(pieces: Iterator[str], name: str, mimetype: str) -> Response:
    """A request is answered once all of it has been sent."""
    body = streaming.answered_in_turns(pieces, when_sent=partial(_fetched, request.form.get("request", "")))
    return Response(body, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _fetched(request_id: str) -> None:
    if request_id:
        services().store.people.fetched(visit().shop.id, int(request_id), now=services().now())


def _about(template: str) -> tuple[str, int]:
    typed = _typed()
    if wrong := people.unreadable(_person(typed)):
        return _page(typed, errors=presenter.errors(wrong)), 422
    sought = _sought(typed)
    counts = people.look(services().store, sought, **by_visitor(), now=services().now())
    text = render_template(
        template, typed=typed, person=sought.person, counts=presenter.counted(counts),
        by_hand=people.by_hand(visit().settings.account), shared=presenter.shared(sought),
    )  # fmt: skip
    return text, 200


def _page(typed: Mapping[str, str], *, errors: Mapping[str, str] | None = None) -> str:
    store, shop_id, zone = services().store, visit().shop.id, visit().zone
    requests = [presenter.request_row(found, zone, services().now()) for found in store.people.requests(shop_id)]
    asked = [presenter.erasure_row(found, zone) for found in store.people.asked_erasures(shop_id, limit=20)]
    return render_template(
        "pages/people/show.html", page="people", typed=typed, errors=errors or {}, requests=requests, asked=asked,
        zone=zone.key,
    )  # fmt: skip


def _typed() -> dict[str, str]:
    """The names in the form; those of the person who asked, where it is about a request."""
    typed = {name: request.form.get(name, "").strip()[: people.LONGEST_NAME] for name in NAMES}
    found = _request() if request.form.get("request") else None
    return typed if found is None else {name: getattr(found.person, name) for name in NAMES} | {"request": str(found.id)}


def _request() -> DataRequest:
    known = {str(found.id): found for found in services().store.people.requests(visit().shop.id)}
    return known.get(request.form["request"]) or abort(404)


def _person(typed: Mapping[str, str]) -> Person:
    named = Person(email=typed["email"], phone=typed["phone"], customer_id=typed["customer_id"])
    return people.with_orders(named, _request().person.order_ids) if "request" in typed else named


def _sought(typed: Mapping[str, str]) -> Sought:
    return people.seek(services().store, visit().platform, visit().shop, _person(typed))


def _sought_or_422() -> Sought:
    """Whoever is to be handed out."""
    typed = _typed()
    if people.unreadable(_person(typed)):
        abort(422)
    return _sought(typed)
