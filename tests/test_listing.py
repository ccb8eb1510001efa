"""What the stores' listings say fits their forms, in every language of the app, and is what the app says of itself."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from plugin.web.i18n import LOCALES

ROOT = Path(__file__).parents[1]
LISTING = tomllib.loads((ROOT / "docs/listing/listing.toml").read_text(encoding="utf-8"))
# Characters: docs/listing/checklist.md says where these are written.
LIMITS = {"name": 30, "subtitle": 62, "introduction": 100, "details": 500, "about": 200}
FEATURE, FEATURES = 80, 5
SEARCH_TERM, SEARCH_TERMS = 20, 5
# Shopify refuses listings with links, figures of success, superlatives, or its own name in the app's.
REFUSED = re.compile(r"https?://|www\.|#1|\d\s?%|\b(best|first|only|leading|guarantee\w*)\b", re.IGNORECASE)

said = pytest.mark.parametrize("locale", LOCALES)


def test_the_listing_speaks_the_apps_languages() -> None:
    assert set(LISTING) == set(LOCALES)


@said
@pytest.mark.parametrize("key", LIMITS)
def test_a_text_fits_its_field(locale: str, key: str) -> None:
    text = LISTING[locale][key]

    assert 0 < len(text) <= LIMITS[key]
    assert text == text.strip() and "\n" not in text


@said
def test_features_and_search_terms_fit(locale: str) -> None:
    features, terms = LISTING[locale]["features"], LISTING[locale]["search_terms"]

    assert len(features) == len(set(features)) == FEATURES and len(terms) == len(set(terms)) == SEARCH_TERMS
    assert [text for text in features if len(text) > FEATURE] == []
    assert [text for text in terms if len(text) > SEARCH_TERM] == []


@said
def test_nothing_is_said_that_a_review_refuses(locale: str) -> None:
    listing = LISTING[locale]
    texts = [listing[key] for key in ("subtitle", "introduction", "details")] + listing["features"]

    assert "Shopify" not in listing["name"]
    assert [text for text in texts if REFUSED.search(text)] == []


def test_the_manifests_say_the_same() -> None:
    saleor = json.loads((ROOT / "manifest.json").read_text(encoding="utf-8"))
    shopify = tomllib.loads((ROOT / "shopify.app.toml").read_text(encoding="utf-8"))

    assert (saleor["name"], saleor["about"]) == (LISTING["en"]["name"], LISTING["en"]["about"])
    assert shopify["name"] == LISTING["en"]["name"]
