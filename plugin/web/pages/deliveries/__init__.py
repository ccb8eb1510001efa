"""Deliveries: what was sent, what was not and why, found again, sent again, taken along."""

from datetime import timedelta

from flask import Blueprint, Response, abort, render_template, request, stream_with_context

from plugin import clock
from plugin.domain.event import EventKind
from plugin.ports import DeliveryFilter, DeliveryStory, LogPage
from plugin.upkeep.replay import send_again
from plugin.web.pages.deliveries import presenter, sending, table
from plugin.web.pages.deliveries.filtering import NO_LANGUAGE, Asked, asked, before
from plugin.web.pages.deliveries.presenter import Presenter
from plugin.web.pages.events import words
from plugin.web.services import services
from plugin.web.visit import here, visit
from plugin.web.wire_preview import leaving

blueprint = Blueprint("deliveries", __name__, url_prefix="/deliveries")

AT_ONCE = 50
SEEN = timedelta(days=30)  #: languages of these days are offered
NOTHING = LogPage(rows=(), older=None, is_cut=False)


@blueprint.get("", strict_slashes=False)
def index() -> tuple[str, int]:
    wanted = _asked(limit=AT_ONCE)
    start = request.args.get("before", "")
    page = services().store.log.page(before(wanted.filter, start)) if wanted.filter else NOTHING
    older = here("deliveries.index", **wanted.given, before=page.older) if page.older else ""
    newest = here("deliveries.index", **wanted.given) if start else ""
    rows = [_teller().row(row) for row in page.rows]
    text = render_template(
        "pages/deliveries/index.html", asked=wanted, rows=rows, older=older, newest=newest, is_cut=page.is_cut,
        choices=_choices(wanted), zone=_teller().zone.key, most=table.MOST,
    )  # fmt: skip
    return text, 422 if wanted.errors else 200


@blueprint.get("/<int:delivery_id>")
def show(delivery_id: int) -> str:
    return _story(delivery_id)


@blueprint.post("/<int:delivery_id>/body")
def body(delivery_id: int) -> str:
    """What was sent; that somebody looked is noted."""
    story = _known(delivery_id)
    text = services().store.log.sent_body(visit().shop.id, delivery_id, who=visit().visitor.who, now=clock.now())
    return render_template(
        "pages/deliveries/_body.html", body=None if text is None or story.send is None else leaving(story.send, text)
    )


@blueprint.post("/<int:delivery_id>/again")
def replay(delivery_id: int) -> str:
    _known(delivery_id)
    wanted = DeliveryFilter(shop_id=visit().shop.id, ids=(delivery_id,), limit=1)
    sent = send_again(services().store, wanted, who=visit().visitor.who, now=clock.now())
    return _story(delivery_id, sent=sent.number)


@blueprint.get("/again")
def ask() -> tuple[str, int]:
    """How many would be sent again, by state, before anything is."""
    wanted = _asked(limit=1)
    if wanted.filter is None:
        return index()
    return _asking(wanted, sending.choices(services().store, wanted.filter)), 200


@blueprint.post("/again")
def replay_all() -> tuple[str, int]:
    wanted = _asked(limit=1)
    if wanted.filter is None:
        return index()
    chosen = sending.chosen(request.form)
    if not chosen:
        return _asking(wanted, sending.choices(services().store, wanted.filter), is_missing=True), 422
    sent = sending.send(services().store, wanted.filter, chosen, who=visit().visitor.who, now=clock.now())
    return render_template("pages/deliveries/sent.html", asked=wanted, sent=sent), 200


@blueprint.get("/export")
def export() -> Response:
    """What matches, as a table for a spreadsheet."""
    wanted = _asked(limit=table.AT_ONCE)
    if wanted.filter is None:
        abort(422)
    lines = table.lines(services().store.log, wanted.filter, _teller())
    named = {"Content-Disposition": 'attachment; filename="deliveries.csv"', "Cache-Control": "no-store"}
    return Response(stream_with_context(lines), mimetype="text/csv", headers=named)


def _asked(*, limit: int) -> Asked:
    return asked(request.values, visit().shop.id, _teller().zone, limit=limit)


def _teller() -> Presenter:
    return presenter.teller(visit().shop, visit().settings)


def _known(delivery_id: int) -> DeliveryStory:
    """Its story; another shop's delivery is none."""
    return services().store.log.story(visit().shop.id, delivery_id) or abort(404)


def _story(delivery_id: int, *, sent: int | None = None) -> str:
    story = services().store.log.story(visit().shop.id, delivery_id)
    if story is None and sent is None:
        abort(404)
    if story is None:
        return render_template("pages/deliveries/anew.html")
    teller = _teller()
    again = "" if story.is_emptied else presenter.again(story.state)
    return render_template(
        "pages/deliveries/show.html", row=teller.row(story), story=story, steps=teller.steps(story), zone=teller.zone.key,
        meaning=presenter.meaning(story.state), again=again, next_at=teller.next_at(story), sent=sent,
    )  # fmt: skip


def _asking(wanted: Asked, choices: object, *, is_missing: bool = False) -> str:
    return render_template("pages/deliveries/ask.html", asked=wanted, choices=choices, is_missing=is_missing)


def _choices(wanted: Asked) -> dict[str, list[tuple[str, str]]]:
    """What each field of the filter offers: what the settings know, and what was asked for."""
    teller, seen = _teller(), services().store.statistics.locales(visit().shop.id, since=clock.now() - SEEN)
    flows = {str(number): teller.flow(number) for number in teller.flows}
    locales = {each.locale: each.locale for each in seen if each.locale}
    for name, known in (("flow", flows), ("language", locales)):
        if wanted.values[name] and wanted.values[name] != NO_LANGUAGE:
            known.setdefault(wanted.values[name], wanted.values[name])
    return {
        "state": [(state.value, label) for state, label in presenter.states().items()],
        "event": [(kind.value, words.title(kind)) for kind in EventKind],
        "flow": list(flows.items()),
        "language": sorted(locales.items()),
    }
