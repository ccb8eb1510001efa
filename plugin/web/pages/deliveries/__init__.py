"""The event log: what was sent, what was not and why, found again, sent again, taken along."""

from datetime import timedelta

from flask import Blueprint, Response, abort, render_template, request

from plugin.domain.audit import Deed
from plugin.ports import DeliveryFilter, DeliveryStory, LogPage
from plugin.turns import in_turns
from plugin.upkeep.replay import send_again
from plugin.web import delivery_texts, event_texts, limits, streaming
from plugin.web.auditing import by_visitor, noted
from plugin.web.forms.delivery_filter import NO_LANGUAGE, FilterForm, older_than, read_filter
from plugin.web.pages.deliveries import listing, sending, table
from plugin.web.pages.deliveries.presenter import Presenter, presenter_for
from plugin.web.services import services
from plugin.web.visit import here, visit
from plugin.web.wire_preview import wire_preview

blueprint = Blueprint("deliveries", __name__, url_prefix="/deliveries")

PAGE_SIZE = 50
SEEN_WITHIN = timedelta(days=30)  #: languages of these days are offered
EMPTY_PAGE = LogPage(rows=(), older=None, is_cut=False)


@blueprint.get("", strict_slashes=False)
def index() -> tuple[str, int]:
    wanted = _filter_form(limit=PAGE_SIZE)
    place = _place_or_404()
    page = services().store.log.page(older_than(wanted.filter, place.start)) if wanted.filter else EMPTY_PAGE
    newer = place.newer()
    text = render_template(
        "pages/deliveries/index.html", filter_form=wanted, rows=[_presenter().row(row) for row in page.rows],
        older=here("deliveries.index", **wanted.given, **place.older(page.older)) if page.older else "",
        newer="" if newer is None else here("deliveries.index", **wanted.given, **newer),
        newest=here("deliveries.index", **wanted.given) if place.start else "", is_cut=page.is_cut,
        tabs=listing.tabs(services().store.log, wanted), chips=list(listing.chips(wanted, _presenter())),
        choices=_choices(wanted), zone=_presenter().zone.key, incomplete=table.incomplete(),
        from_here=wanted.return_to | place.given,
    )  # fmt: skip
    return text, 422 if wanted.errors else 200


@blueprint.get("/<int:delivery_id>")
def show(delivery_id: int) -> str:
    return _story_page(delivery_id)


@blueprint.post("/<int:delivery_id>/body")
def body(delivery_id: int) -> str:
    """What was sent; that somebody looked is noted."""
    story = _story_or_404(delivery_id)
    text = services().store.log.sent_body(visit().shop.id, delivery_id, **by_visitor(), now=services().now())
    return render_template(
        "pages/deliveries/_body.html", body=None if text is None or story.send is None else wire_preview(story.send, text)
    )


@blueprint.post("/<int:delivery_id>/again")
def replay(delivery_id: int) -> str:
    _story_or_404(delivery_id)
    wanted = DeliveryFilter(shop_id=visit().shop.id, ids=(delivery_id,), limit=1)
    sent = send_again(services().store, wanted, **by_visitor(), now=services().now())
    return _story_page(delivery_id, sent=sent.number)


@blueprint.get("/again")
def ask() -> tuple[str, int]:
    """How many would be sent again, by state, before anything is."""
    wanted = _filter_form(limit=1)
    if wanted.filter is None:
        return index()
    return _confirmation(wanted, sending.choices(services().store, wanted.filter)), 200


@blueprint.post("/again")
def replay_all() -> tuple[str, int]:
    wanted = _filter_form(limit=1)
    if wanted.filter is None:
        return index()
    chosen = sending.chosen(request.form)
    if not chosen:
        return _confirmation(wanted, sending.choices(services().store, wanted.filter), is_missing=True), 422
    sent = sending.send(services().store, wanted.filter, chosen, **by_visitor(), now=services().now())
    return render_template("pages/deliveries/sent.html", filter_form=wanted, sent=sent), 200


@blueprint.get("/export")
def export() -> Response:
    """What matches, as a table for a spreadsheet: all of it, written as fast as it is read."""
    wanted = _wanted_or_422()
    limits.demand(limits.EXPORTS, visit().shop.id, now=services().now())
    noted(Deed.LOG_EXPORTED)
    lines = table.lines(services().store.log, wanted, _presenter())
    named = {"Content-Disposition": 'attachment; filename="deliveries.csv"'}
    return Response(streaming.answered_in_turns(lines), mimetype="text/csv", headers=named)


@blueprint.get("/export/rows")
def export_rows() -> dict[str, int]:
    """How many rows that table is going to have."""
    parts = services().store.log.count_all(_wanted_or_422())
    return {"rows": sum(map(sum, in_turns(parts)))}


def _wanted_or_422() -> DeliveryFilter:
    return _filter_form(limit=1).filter or abort(422)


def _filter_form(*, limit: int) -> FilterForm:
    return read_filter(request.values, visit().shop.id, _presenter().zone, limit=limit)


def _place_or_404() -> listing.Place:
    return listing.read_place(request.values) or abort(404)


def _presenter() -> Presenter:
    return presenter_for(visit().shop, visit().settings)


def _story_or_404(delivery_id: int) -> DeliveryStory:
    """Its story; another shop's delivery is none."""
    return services().store.log.story(visit().shop.id, delivery_id) or abort(404)


def _story_page(delivery_id: int, *, sent: int | None = None) -> str:
    story = services().store.log.story(visit().shop.id, delivery_id)
    if story is None and sent is None:
        abort(404)
    presenter, wanted = _presenter(), _filter_form(limit=1)
    from_here = wanted.return_to | _place_or_404().given
    if story is None:
        return render_template("pages/deliveries/decided_again.html", from_here=from_here)
    again = "" if story.is_emptied else delivery_texts.resend_effect(story.state)
    return render_template(
        "pages/deliveries/show.html", row=presenter.row(story), story=story, steps=presenter.steps(story),
        zone=presenter.zone.key, meaning=delivery_texts.state_meaning(story.state), again=again,
        next_at=presenter.next_at(story), sent=sent, from_here=from_here,
    )  # fmt: skip


def _confirmation(wanted: FilterForm, choices: object, *, is_missing: bool = False) -> str:
    return render_template("pages/deliveries/ask.html", filter_form=wanted, choices=choices, is_missing=is_missing)


def _choices(wanted: FilterForm) -> dict[str, list[tuple[str, str]]]:
    """What each field of the filter offers: what the settings know, and what was asked for."""
    presenter, seen = _presenter(), services().store.statistics.locales(visit().shop.id, since=services().now() - SEEN_WITHIN)
    flows = {str(number): presenter.flow(number) for number in presenter.flows}
    locales = {each.locale: each.locale for each in seen if each.locale}
    for name, known in (("flow", flows), ("language", locales)):
        if wanted.values[name] and wanted.values[name] != NO_LANGUAGE:
            known.setdefault(wanted.values[name], wanted.values[name])
    return {
        "state": [(state.value, label) for state, label in delivery_texts.state_titles().items()],
        "event": event_texts.titles(visit().kinds),
        "flow": list(flows.items()),
        "language": sorted(locales.items()),
    }
