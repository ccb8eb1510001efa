"""Who did what: the shop's audit, as its merchant reads it."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, render_template, request

from plugin.domain.audit import KEPT, AuditLine
from plugin.web import audit_texts
from plugin.web.forms.delivery_filter import is_number
from plugin.web.moments import Moment, moment
from plugin.web.services import services
from plugin.web.visit import here, visit

blueprint = Blueprint("audit", __name__, url_prefix="/settings/audit")

PAGE_SIZE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line, ready to show."""

    what: str
    when: Moment
    actor: str
    staff: str
    address: str


@blueprint.get("", strict_slashes=False)
def show() -> str:
    """Nothing is noted of it: the merchant reads what is the shop's own."""
    before = request.args.get("before", "")
    before_id = int(before) if is_number(before) else None
    services().store.audit.gather_refused(visit().shop.id, now=services().now())
    found = services().store.audit.page(visit().shop.id, limit=PAGE_SIZE + 1, before_id=before_id)
    lines = found[:PAGE_SIZE]
    older = here("audit.show", before=lines[-1].id) if len(found) > PAGE_SIZE else ""
    zone = visit().settings.zone(visit().shop)
    return render_template(
        "pages/store/audit.html", page="audit", lines=[_row(line) for line in lines], zone=zone.key, days=KEPT.days,
        older=older, newest=here("audit.show") if before else "",
    )  # fmt: skip


def _row(line: AuditLine) -> Row:
    return Row(
        what=audit_texts.what(line), when=moment(line.at, visit().settings.zone(visit().shop), seconds=True),
        actor=audit_texts.actor(line), staff=audit_texts.staff(line), address=line.address,
    )  # fmt: skip
