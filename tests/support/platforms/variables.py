"""docs/variables.md, made of the table of our keys and of what the platforms told in a test run.

`python -m tests.support.platforms.variables` renews it; first `python -m tests.support.platforms.whole`, where bodies changed.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from plugin.domain.kinds import KINDS, EventKind, Family, possible
from plugin.domain.variables import LINES, PARCELS, VARIABLES, Variable, VariableType, of_kind
from plugin.platforms import discover
from plugin.web.event_samples import TYPES
from tests.support.platforms.expected import opened
from tests.support.platforms.whole import GOLDEN, keys_of, told_by

DOCUMENT: Final = Path(__file__).resolve().parents[3] / "docs" / "variables.md"
PLATFORMS: Final = {name: name.title() for name in sorted(discover(), reverse=True)}
LISTS: Final[Mapping[str, Sequence[Variable]]] = {"products": LINES, "parcels": PARCELS}
FAMILIES: Final = {Family.ORDER: "Orders", Family.CART: "Carts", Family.CUSTOMER: "Customers"}
ALONE, ASKED, NEVER, NOT_THERE = "●", "○", "–", ""

HEAD: Final = """\
# The variables of every event

Made by `python -m tests.support.platforms.variables` of the table in `plugin/domain/variables.py` and of a test run over both
platforms; a test holds it equal. The app shows the same for your own shop on each event's page, with a JSON sample to copy and
an address at which SendPulse fetches it.

- **Names and types stay.** A key keeps its type and its meaning for ever, so what you declared in SendPulse and built into
  flows goes on working. New keys are added; a flow that does not know them is not touched. A test compares every key with the
  ledger of all that ever left (`tests/sendpulse/ledger.json`).
- **A key with nothing to say is left out**, but for the five `product_…` texts, which are then empty. `product_id` is a Number
  and left out without a product; with `"product_id": "text"` in the settings it is a String.
- `automation_id` needs no variable in SendPulse, and none may have its name; so it is not in the samples.
- Amounts are texts with a decimal point and without currency; the twin that ends in `_text` is written as the buyer writes it.
- **Amounts fit each other.** The lines' `line_total` come to `subtotal`, and `subtotal` with `shipping_price` to `total`:
  discounts are taken off already, so show `discount_total` as what was saved and never subtract it again. `tax` is a part of
  these amounts on Saleor; on Shopify it is added to them where the store's prices are without tax. What has no key of its own
  (a tip, duties, a gift card that Saleor takes off) stands in `total` alone. A parcel's event lists the parcel's lines beside
  the whole order's amounts. An amount in another currency than `currency` is left out; only `total_spent` may be in another,
  the store's own, which its twin names.
- `is_first_order` is left out where the store cannot know it: of a guest, of a Saleor account with more than 100 orders, or
  where the buyer had ordered again before the letter about this order left.
- `cancel_reason` and `order_source` are the store's own words (Shopify: `customer`, `inventory`, `fraud`, `declined`,
  `staff`, `other`), made for conditions of a flow rather than for readers.
- The `shipping_…` keys of an address leave only where you chose so (`"share": ["address"]`), and never for what is fetched at a
  pick-up point.
- Your own variables come after all of these and never replace one.
- The flat `product_…` keys are those of the first line, or of the most expensive one (`lead`). `products` has all, at most 50.
- With one event for each product (`"shape": "item"`) `products` holds that one; with the list only (`"shape": "array"`) the
  flat `product_…` keys are empty.
"""
LEGEND: Final = f"""
## Who tells what

By kind and platform, {" / ".join(PLATFORMS.values())}: `{ALONE}` the webhook tells it · `{ASKED}` the store's API is asked, or
the settings say it (links, flows) · `{NEVER}` no sample of the tests has it · empty: no key of this kind. A store tells what it
has: an order without a discount has no code. Where only one platform reports a kind, it is named.
"""


def document() -> str:
    """The whole page."""
    parts = [HEAD, "## Every variable\n", *_all(), LEGEND, *(line for family in FAMILIES for line in _matrix(family))]
    return "\n".join(parts).rstrip("\n") + "\n"


def _all() -> Iterator[str]:
    yield "| variable | SendPulse type | what it says | example |\n|---|---|---|---|"
    yield from map(_row, VARIABLES.values())
    for name, table in LISTS.items():
        yield f"\nEach object of `{name}`:\n\n| key | type | what it says | example |\n|---|---|---|---|"
        yield from map(_row, table)


def _row(variable: Variable) -> str:
    type = "none: do not create it" if variable.name == "automation_id" else TYPES[variable.type]
    example = "" if variable.type is VariableType.LIST else f"`{variable.example}`"
    return f"| `{variable.name}` | {type} | {variable.about} | {example} |"


def _matrix(family: Family) -> Iterator[str]:
    """A row a key, a column a kind."""
    kinds = [kind for kind in EventKind if KINDS[kind].family is family and any(_happens(kind, name) for name in PLATFORMS)]
    yield f"\n### {FAMILIES[family]}\n\n| variable | {' | '.join(f'`{kind}`' for kind in kinds)} |\n|---|{'---|' * len(kinds)}"
    for name in dict.fromkeys(name for kind in kinds for name in _names(kind)):
        yield f"| `{name}` | {' | '.join(_cell(name, kind) for kind in kinds)} |"


def _names(kind: EventKind) -> Iterator[str]:
    for variable in of_kind(kind):
        yield variable.name
        for inner in LISTS.get(variable.name, ()):
            if kind in inner.kinds:
                yield f"{variable.name}.{inner.name}"


def _cell(name: str, kind: EventKind) -> str:
    if name not in _names(kind):
        return NOT_THERE
    marks = {platform: _mark(name, kind, platform) for platform in PLATFORMS if _happens(kind, platform)}
    return (
        " / ".join(marks.values())
        if len(marks) == len(PLATFORMS)
        else " ".join(f"{PLATFORMS[p]} {m}" for p, m in marks.items())
    )


def _mark(name: str, kind: EventKind, platform: str) -> str:
    if name in _alone(platform, kind):
        return ALONE
    return ASKED if name in _whole(platform, kind) else NEVER


@cache
def _happens(kind: EventKind, platform: str) -> bool:
    return kind in possible(opened(platform).kinds)


@cache
def _alone(platform: str, kind: EventKind) -> Collection[str]:
    """What any sample's webhook says by itself."""
    told = told_by(platform).get(kind, ())
    found = {name for one in told for name, _ in keys_of(one.webhook_alone)}
    is_named = any(one.event.contact for one in told)  # else somebody was put in
    return found if is_named else found - {"email", "marketing_consent"}


@cache
def _whole(platform: str, kind: EventKind) -> Collection[str]:
    """What the golden files say: bodies that went the whole way."""
    found: set[str] = set()
    for path in [*GOLDEN.glob(f"{platform}/*.json"), *GOLDEN.parent.glob(f"{platform}/golden/*.json")]:
        body = json.loads(path.read_bytes())
        if body["event_name"] == kind:
            found.update(name for name, _ in keys_of(body))
    return found


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
