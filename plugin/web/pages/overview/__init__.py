"""The first page: whether all is well, and what was sent, in figures that lead into the log."""

from datetime import timedelta

from flask import Blueprint, render_template, request

from plugin.domain.audit import Deed
from plugin.web import trouble_texts
from plugin.web.auditing import noted
from plugin.web.pages.overview import figures
from plugin.web.pages.overview.attention import attention
from plugin.web.pages.overview.lacking import incomplete
from plugin.web.pages.overview.status import facts
from plugin.web.services import services
from plugin.web.visit import visit

blueprint = Blueprint("overview", __name__)


@blueprint.get("", strict_slashes=False)
def show() -> str:
    return _page()


@blueprint.post("/health/again")
def reopen() -> str:
    """Send to the shop's paused accounts at once."""
    services().store.deliveries.reopen(visit().shop.id, now=services().now())
    noted(Deed.ACCOUNT_RETRIED)
    return _page(is_reopened=True)


def _page(*, is_reopened: bool = False) -> str:
    span = figures.span(request.args.get("span", ""))
    zone, now = visit().settings.zone(visit().shop), services().now()
    since = figures.beginning(now, span, zone)
    store, shop_id = services().store, visit().shop.id
    found = store.statistics.overview(shop_id, since=since, until=now + timedelta(hours=1))
    arranged = figures.arrange(found, since=since, now=now, span=span, zone=zone)
    return render_template(
        "pages/overview/show.html", shop=visit().shop, span=span, spans=figures.spans(), zone=zone.key, figures=arranged,
        is_behind=found.is_behind, chart=figures.chart(arranged, span=span, zone=zone), is_reopened=is_reopened,
        platform=visit().platform.name, facts=facts(store, now=now, zone=zone),
        attention=attention(store.statistics, shop_id, now=now, zone=zone),
        incomplete=incomplete(store.statistics, shop_id, now=now),
        warnings=trouble_texts.notices(store, visit().platform, shop_id, now=now, zone=zone),
    )  # fmt: skip
