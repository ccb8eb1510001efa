"""What SendPulse accepted without all of its variables, by what was missing, each with its one way out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from markupsafe import Markup

from plugin.ports import Lack, Statistics
from plugin.web import event_texts
from plugin.web.i18n import N_
from plugin.web.i18n import gettext as _
from plugin.web.moments import ago
from plugin.web.pages.overview.attention import LATELY, counted
from plugin.web.pages.overview.figures import start_of_hour
from plugin.web.reasons import translated_markup
from plugin.web.visit import here

MOST: Final = 5  #: lines
# What the English sentence speaks of, the page where that is set right, and what the link there says.
PAGES: Final = (
    ("on the Settings page", "store.show", N_("Enter it on the Settings page")),
    ("a word in braces", "store.show", N_("Check the address in Settings")),
    ("your variables", "variables.index", N_("Check your variables")),
    ("rename yours", "variables.index", N_("Check your variables")),
    ("read your translations", "languages.show", N_("Allow it on the Languages page")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incomplete:
    """One thing that was missing."""

    sentence: Markup
    count: str
    kinds: str  #: which events
    newest: str
    fix: str  #: what its link says
    fix_address: str


def incomplete(statistics: Statistics, shop_id: int, *, now: datetime) -> list[Incomplete]:
    """What was missing in the last week, the most frequent first."""
    together: dict[str, list[Lack]] = {}
    for one in statistics.lacks(shop_id, since=start_of_hour(now - LATELY)):
        together.setdefault(re.sub("[0-9]+", "0", one.sentence), []).append(one)
    groups = sorted(together.values(), key=lambda group: (-sum(one.number for one in group), group[0].sentence))
    return [_line(group, now) for group in groups[:MOST]]


def _line(group: Sequence[Lack], now: datetime) -> Incomplete:
    newest = max(group, key=lambda one: one.newest)
    kinds = dict.fromkeys(one.kind for one in sorted(group, key=lambda one: (-one.number, -one.newest)))
    page, action = next(((page, action) for words, page, action in PAGES if words in newest.sentence), ("", ""))
    story = here("deliveries.show", delivery_id=newest.newest)
    return Incomplete(
        sentence=translated_markup(newest.sentence), kinds=", ".join(map(event_texts.title, kinds)),
        count=counted(sum(one.number for one in group), all(one.is_all for one in group)),
        newest=_("Newest: %(ago)s", ago=ago(newest.newest_at, now)),
        fix=_(action) if page else _("Open the newest event"), fix_address=here(page) if page else story,
    )  # fmt: skip
