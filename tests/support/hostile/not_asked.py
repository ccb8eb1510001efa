"""Public functions with a text among their arguments that no stranger's text reaches unread, and what reads it before."""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from tests.support.hostile.patterns import FOLDER

BORDERS: Final = ("domain", "door", "platforms", "sendpulse", "web")  #: the folders that are given text from outside
_TEXT: Final = re.compile(r"\b(str|bytes|object|Any|RawWebhook|PageRequest)\b")

NOT_ASKED: Final = {
    "it is given settings that were read, or their errors": (
        *("domain.consent.*", "domain.losses.*", "domain.matching.choose", "domain.settings.editing.*"),
        "domain.settings.merging.*",
        *("domain.settings.own_variables.VariablesReading.*", "sendpulse.own.*"),
        *("domain.settings.reading.*", "domain.settings.links.words_in", "platforms.saleor.consent.*"),
        *("web.forms.settings.errors_by_field", "web.forms.languages.with_row_numbers", "web.pages.store.examples.*"),
    ),
    "it is given the beginning of a text, cut by its caller": (
        *("domain.spellings.*", "domain.reasons.*", "domain.event.StoreEvent.lacking", "web.go.follow"),
        *("domain.event.sentences", "domain.settings.pasted.read_as", "web.forms.account_flows.flow_called"),
    ),
    "it is given what a reader made of a body: `Payload` cuts each text": (
        *(
            "platforms.saleor.event_times.*",
            "platforms.saleor.lines.*",
            "platforms.saleor.names.*",
            "platforms.saleor.people.*",
        ),
        *("platforms.saleor.order_events.*", "platforms.saleor.languages.*", "platforms.saleor.ids.*", "platforms.*.translate"),
        *("platforms.*.ids_as_written", "domain.person.*", "sendpulse.facts.*"),
        *("platforms.saleor.translate.*", "platforms.saleor.questions.*", "platforms.saleor.signature.*"),
        *("platforms.shopify.addresses.*", "platforms.shopify.agreement.*", "platforms.shopify.basket_lines.*"),
        *("platforms.shopify.consent.*", "platforms.shopify.line_prices.*", "platforms.shopify.lines.*"),
        *("platforms.shopify.lookups.*", "platforms.shopify.wants.*", "platforms.shopify.storefront.*"),
        *("platforms.shopify.own_hosts.*", "platforms.shopify.history.*", "platforms.shopify.scopes.*"),
    ),
    "it is given an address that was cleaned, and asks a store": (
        *(
            "platforms.saleor.addresses.*",
            "platforms.saleor.api.*",
            "platforms.saleor.connections.*",
            "platforms.saleor.places.*",
        ),
        *(
            "platforms.saleor.webhook_sync.*",
            "platforms.saleor.install.*",
            "platforms.shopify.api.*",
            "platforms.shopify.access_tokens.*",
        ),
        *("platforms.shopify.token_endpoint.*", "platforms.*.sync", "platforms.*.lacks", "platforms.*.access_from_token"),
    ),
    "it hands on to a reader that is asked, or to an expression that is tried": (
        *("platforms.saleor.Saleor.verify", "platforms.*.clean_address", "platforms.saleor.session.*"),
        *("platforms.shopify.session.*", "platforms.shopify.verify.*", "web.forms.account.*", "web.forms.delivery_filter.*"),
        *(
            "web.forms.settings.save",
            "web.forms.matrix.Row.cell",
            "web.forms.matrix.field_name",
            "web.matrix_views.*",
            "web.trouble_texts.takes_orders_flow",
            "web.row_ids.*",
            "platforms.saleor.dashboards.*",
            "web.i18n.set_locale",
            "web.samples.show",
            "web.letter_previews.show",
            "web.letters.*",
            "web.pages.events.*",
            "web.reasons.*",
            "web.sampling.*",
        ),
        *("platforms.*.named_shop", "web.failed_signatures.*", "web.webhooks.*", "domain.settings.walking.*"),
    ),
    "it is given the address of a request, of which gunicorn takes 4 kB": ("platforms.shopify.early_responses.*",),
    "it moves bytes and reads none of them": ("door.*", "sendpulse.answer.*", "sendpulse.wire.*"),
    "it is given what we wrote ourselves, or the operator": (
        *("platforms.find_testkit", "platforms.*.open", "platforms.*.config.*", "platforms.saleor.manifest.*"),
        *(
            "sendpulse.form.*",
            "sendpulse.client.*",
            "sendpulse.forgetting.*",
            "web.error_pages.*",
            "web.gunicorn_*",
            "web.headers.*",
            "web.i18n.*",
            "web.limits.*",
            "web.navigation.*",
        ),
        *("web.pages.*", "web.static_files.*", "web.streaming.*", "web.templates.*", "web.visit.*", "web.wire_preview.*"),
    ),
}


def is_excused(name: str) -> bool:
    """Whether there is a reason not to ask it."""
    return any(fnmatchcase(name, pattern) for patterns in NOT_ASKED.values() for pattern in patterns)


def readers_of_text() -> list[str]:
    """Every public function of the borders that takes a text; not the pretended senders' of the tests."""
    found: list[str] = []
    for folder in BORDERS:
        for path in sorted((FOLDER / folder).rglob("*.py")):
            if path.name != "testing.py":
                module = ".".join(path.relative_to(FOLDER).with_suffix("").parts).removesuffix(".__init__")
                found += _public(ast.parse(path.read_text(encoding="utf-8")).body, module)
    return found


def _public(body: list[ast.stmt], within: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _public(node.body, f"{within}.{node.name}")
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and _takes_text(node):
            yield f"{within}.{node.name}"


def _takes_text(function: ast.FunctionDef) -> bool:
    arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    return any(one.annotation is not None and _TEXT.search(ast.unparse(one.annotation)) for one in arguments)
