"""Two changes of one settings file that were made at the same time."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from plugin.domain.settings.merging import merge

BASE: dict[str, Any] = {
    "version": 1,
    "store": {"name": "Demo", "link": "https://demo.example"},
    "flows": [{"locale": "en", "automation_id": 1}, {"locale": "pl", "automation_id": 2, "name": "Polski"}],
    "rules": [{"channel": "outlet"}],
}


def _with_flow(locale: str, **changed: Any) -> dict[str, Any]:
    return {**BASE, "flows": [flow | (changed if flow["locale"] == locale else {}) for flow in BASE["flows"]]}


def test_what_only_one_changed_is_as_that_one_wants_it() -> None:
    ours, theirs = _with_flow("en", automation_id=7), _with_flow("pl", automation_id=8)

    merged = merge(BASE, ours, theirs)

    assert merged.document["flows"] == [
        {"locale": "en", "automation_id": 7}, {"locale": "pl", "automation_id": 8, "name": "Polski"},
    ]  # fmt: skip
    assert not merged.is_disputed


def test_two_values_of_one_entry_are_two_values() -> None:
    merged = merge(BASE, _with_flow("pl", name="Po polsku"), _with_flow("pl", automation_id=8))

    assert merged.document["flows"][1] == {"locale": "pl", "automation_id": 8, "name": "Po polsku"}
    assert not merged.is_disputed


def test_the_same_value_changed_twice_is_disputed_and_ours_unless_it_is_the_same() -> None:
    disputed = merge(BASE, _with_flow("pl", automation_id=8), _with_flow("pl", automation_id=9))
    agreed = merge(BASE, _with_flow("pl", automation_id=8), _with_flow("pl", automation_id=8))

    assert (disputed.is_disputed, disputed.document["flows"][1]["automation_id"]) == (True, 8)
    assert (agreed.is_disputed, agreed.document["flows"][1]["automation_id"]) == (False, 8)


def test_an_entry_that_one_takes_out_and_the_other_changes_is_disputed() -> None:
    without = {**BASE, "flows": BASE["flows"][:1]}

    assert merge(BASE, without, _with_flow("pl", automation_id=9)).is_disputed
    assert merge(BASE, _with_flow("pl", automation_id=9), without).document["flows"][1]["automation_id"] == 9
    untouched = merge(BASE, without, _with_flow("en", automation_id=9))
    assert ([flow["locale"] for flow in untouched.document["flows"]], untouched.is_disputed) == (["en"], False)


def test_what_both_add_is_there() -> None:
    ours = {**BASE, "flows": [*BASE["flows"], {"locale": "uk", "automation_id": 3}]}
    theirs = {**BASE, "flows": [*BASE["flows"], {"locale": "de", "automation_id": 4}], "account": {"rate_per_second": 5}}

    merged = merge(BASE, ours, theirs)

    assert sorted(flow["locale"] for flow in merged.document["flows"]) == ["de", "en", "pl", "uk"]
    assert merged.document["account"] == {"rate_per_second": 5}


def test_rules_are_one_value_since_their_order_decides() -> None:
    ours = {**BASE, "rules": [{"channel": "web"}, {"channel": "outlet"}]}
    theirs = {**BASE, "rules": [{"channel": "outlet"}, {"channel": "b2b"}]}

    assert merge(BASE, ours, theirs).is_disputed
    assert merge(BASE, ours, BASE).document["rules"] == ours["rules"]


def test_a_list_in_which_two_entries_are_the_same_is_one_value() -> None:
    twice = {**BASE, "flows": [*BASE["flows"], {"locale": "pl", "automation_id": 5}]}

    assert merge(BASE, twice, _with_flow("en", automation_id=6)).is_disputed


def test_a_list_of_anything_else_is_one_value() -> None:
    merged = merge({"flows": ["a"]}, {"flows": ["b"]}, {"flows": ["c"]})

    assert (merged.is_disputed, merged.document) == (True, {"flows": ["b"]})


def test_another_order_is_kept_on_whichever_side_it_was_made() -> None:
    turned = {**BASE, "flows": list(reversed(BASE["flows"]))}

    for ours, theirs in ((turned, _with_flow("en", automation_id=6)), (_with_flow("en", automation_id=6), turned)):
        assert [flow["locale"] for flow in merge(BASE, ours, theirs).document["flows"]] == ["pl", "en"]


_LOCALES = st.sampled_from(["en", "pl", "de", "pt-BR"])
_FLOWS = st.dictionaries(_LOCALES, st.integers(1, 5)).map(
    lambda found: [{"locale": locale, "automation_id": flow} for locale, flow in found.items()]
)
_DOCUMENTS = st.fixed_dictionaries({"flows": _FLOWS, "store": st.dictionaries(st.sampled_from("abc"), st.integers(0, 2))})


@given(base=_DOCUMENTS, ours=_DOCUMENTS, theirs=_DOCUMENTS)
def test_each_value_is_of_whoever_changed_it(
    base: Mapping[str, Any], ours: Mapping[str, Any], theirs: Mapping[str, Any]
) -> None:
    merged = merge(base, ours, theirs)

    olds, mines, yours, found = (_values(document) for document in (base, ours, theirs, merged.document))
    is_disputed = False
    for name in {*olds, *mines, *yours}:
        old, mine, your = (values.get(name) for values in (olds, mines, yours))
        is_disputed |= mine not in (old, your) and your != old
        assert found.get(name) == (your if mine == old else mine)
    assert merged.is_disputed is is_disputed


def _values(document: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    flows = {("flows", flow["locale"]): flow["automation_id"] for flow in document["flows"]}
    return flows | {("store", name): value for name, value in document["store"].items()}
