"""The event log: what was sent, what was not and why, found again, sent again, taken along."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from flask import Blueprint, Response, abort, render_template, request

from plugin.domain.audit import Deed
from plugin.domain.delivery import State
from plugin.ports import DeliveryFilter, DeliveryStory, LogPage, LogRow, Resend
from plugin.turns import in_turns
from plugin.upkeep.replay import send_again
from plugin.web import delivery_texts, event_texts, limits, streaming
from plugin.web.auditing import by_visitor, noted
from plugin.web.forms.delivery_filter import MAX_ID, NO_LANGUAGE, FilterForm, is_number, older_than, read_filter
from plugin.web.i18n import gettext as _
from plugin.web.pages.deliveries import listing, sending, table
from plugin.web.pages.deliveries.presenter import Presenter, former_flow_names, presenter_for
from plugin.web.services import services
from plugin.web.visit import here, visit
from plugin.web.wire_preview import wire_preview

blueprint = Blueprint("deliveries", __name__, url_prefix="/deliveries")

PAGE_SIZE = 50
SEEN_WITHIN = timedelta(days=30)  #: languages of these days are offered
SHOWN_AFTER_END = timedelta(minutes=10)  #: a job that is over stays in sight so long
EMPTY_PAGE = LogPage(rows=(), older=None, is_cut=False)


@blueprint.get("", strict_slashes=False)
def index() -> tuple[str, int]:
    """The list; what of it may change by itself when only that is asked for."""
    if request.args.get("part") == "rows":
        return _list_page("pages/deliveries/_live.html")
    return _list_page("pages/deliveries/index.html")


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


@blueprint.post("/selection")
def replay_selection() -> tuple[str, int]:
    """The ticked events of one page: at once, unless there is something to ask."""
    wanted = _filter_form(limit=1)
    chosen = DeliveryFilter(shop_id=visit().shop.id, ids=_ids(), limit=sending.AT_ONCE)
    if not chosen.ids:
        return _list_page("pages/deliveries/index.html", is_unchosen=True)[0], 422
    if not sending.is_simple(services().store, chosen, now=services().now()):
        return _confirmation(wanted, chosen), 200
    sent = send_again(services().store, chosen, **by_visitor(), now=services().now())
    return _list_page("pages/deliveries/index.html", sent=sent.number)


@blueprint.get("/again")
def ask() -> tuple[str, int]:
    """How many would be sent again, by state and age, before anything is."""
    wanted = _filter_form(limit=1)
    if wanted.filter is None:
        return index()
    return _confirmation(wanted, replace(wanted.filter, ids=_ids())), 200


@blueprint.post("/again")
def replay_all() -> tuple[str, int]:
    wanted = _filter_form(limit=1)
    if wanted.filter is None:
        return index()
    chosen, wishes = replace(wanted.filter, ids=_ids()), sending.wishes(request.form)
    if not wishes:
        return _confirmation(wanted, chosen, error=_("Select at least one of these."), wishes={}), 422
    sent = sending.send(services().store, chosen, wishes, **by_visitor(), now=services().now())
    if not sent.number and not sent.job:
        error = _("These events are older than 3 days, or have been sent in the meantime. Select the older ones to send them.")
        return _confirmation(wanted, chosen, error=error, wishes=wishes), 422
    return render_template("pages/deliveries/sent.html", filter_form=wanted, sent=sent), 200


@blueprint.get("/job")
def job() -> str:
    """How far the job is that sends many again."""
    return render_template("pages/deliveries/_job.html", job=services().store.resends.latest(visit().shop.id))


@blueprint.post("/job/<int:resend_id>/stop")
def stop(resend_id: int) -> str:
    """Keep the rest back; another shop's job is none of theirs."""
    is_known = resend_id < MAX_ID
    stopped = services().store.resends.stop(visit().shop.id, resend_id, now=services().now()) if is_known else None
    return render_template("pages/deliveries/_job.html", job=stopped or abort(404), is_news=True)


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


def _list_page(template: str, *, sent: int | None = None, is_unchosen: bool = False) -> tuple[str, int]:
    """The list at the place that is asked for, and what came of sending some of it again."""
    wanted, place, log = _filter_form(limit=PAGE_SIZE), _place_or_404(), services().store.log
    page = log.page(older_than(wanted.filter, place.start)) if wanted.filter else EMPTY_PAGE
    newer, presenter = place.newer(), _presenter(page.rows)
    text = render_template(
        template, filter_form=wanted, rows=[presenter.row(row) for row in page.rows],
        older=here("deliveries.index", **wanted.given, **place.older(page.older)) if page.older else "",
        newer="" if newer is None else here("deliveries.index", **wanted.given, **newer),
        newest=here("deliveries.index", **wanted.given) if place.start else "", is_cut=page.is_cut,
        tabs=listing.tabs(log, wanted), chips=list(listing.chips(wanted, _presenter())),
        choices=_choices(wanted), zone=_presenter().zone.key, incomplete=table.incomplete(),
        from_here=wanted.return_to | place.given, job=_shown_job(), sent=sent, is_unchosen=is_unchosen,
    )  # fmt: skip
    return text, 422 if wanted.errors else 200


def _shown_job() -> Resend | None:
    """The job that runs, and for some minutes the one that ran last."""
    found = services().store.resends.latest(visit().shop.id)
    is_over = found and found.finished_at and found.finished_at < services().now() - SHOWN_AFTER_END
    return None if is_over else found


def _ids() -> tuple[int, ...]:
    """The ticked events, of one page at most."""
    return tuple(int(each) for each in request.values.getlist("id")[:PAGE_SIZE] if is_number(each))


def _filter_form(*, limit: int) -> FilterForm:
    return read_filter(request.values, visit().shop.id, _presenter().zone, limit=limit)


def _place_or_404() -> listing.Place:
    return listing.read_place(request.values) or abort(404)


def _presenter(rows: Sequence[LogRow] = ()) -> Presenter:
    """With the names of the flows of these rows, also where they were deleted."""
    known = presenter_for(visit().shop, visit().settings)
    lost = {row.automation_id for row in rows if row.automation_id and row.automation_id not in known.flows}
    return replace(known, former=former_flow_names(services().store.shops, visit().shop.id, lost)) if lost else known


def _story_or_404(delivery_id: int) -> DeliveryStory:
    """Its story; another shop's delivery is none."""
    return services().store.log.story(visit().shop.id, delivery_id) or abort(404)


def _story_page(delivery_id: int, *, sent: int | None = None) -> str:
    story = services().store.log.story(visit().shop.id, delivery_id)
    if story is None and sent is None:
        abort(404)
    presenter, wanted = _presenter([story] if story else []), _filter_form(limit=1)
    from_here = wanted.return_to | _place_or_404().given
    if story is None:
        return render_template("pages/deliveries/decided_again.html", from_here=from_here)
    again = "" if story.is_emptied else delivery_texts.resend_effect(story.state)
    return render_template(
        "pages/deliveries/show.html", row=presenter.row(story), story=story, steps=presenter.steps(story),
        attempts=presenter.attempts(story),
        zone=presenter.zone.key, meaning=delivery_texts.state_meaning(story.state), again=again,
        next_at=presenter.next_at(story), sent=sent, from_here=from_here,
    )  # fmt: skip


def _confirmation(
    wanted: FilterForm, chosen: DeliveryFilter, *, error: str = "", wishes: dict[State, sending.Wish] | None = None
) -> str:
    """What is asked before anything is sent again; how far it is, while a job of the shop runs."""
    store, now = services().store, services().now()
    job = store.resends.latest(visit().shop.id)
    if job and job.is_running:
        return render_template("pages/deliveries/sent.html", filter_form=wanted, sent=sending.Sent(number=0, job=job))
    choices = sending.choices(store, chosen, _presenter().zone, ticked=wishes, now=now)
    ids = chosen.ids
    return render_template("pages/deliveries/ask.html", filter_form=wanted, choices=choices, error=error, ids=ids)


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
