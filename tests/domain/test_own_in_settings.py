"""The merchant's own variables in the settings file: what is taken, what is refused where, and what stays as it was."""

import json
from typing import Any

import pytest

from plugin.domain import own
from plugin.domain.kinds import EventKind
from plugin.domain.own import OwnType, OwnVariable
from plugin.domain.settings import own_variables
from plugin.domain.settings.file import SettingsRefused, read_settings_file, write_settings_file
from tests.support.domain.settings_documents import a_document, refused

GIFT = "$.note_attributes[?@.name=='gift'].value"
OF_THE_DESIGN = [
    {"name": "season", "type": "text", "value": "winter"},
    {"name": "gift_note", "type": "text", "path": GIFT, "events": ["order_paid"]},
    {"name": "points", "type": "number", "path": "$.customer.metafields.loyalty.points"},
]


def a_file(**fields: Any) -> dict[str, Any]:
    """A file with one variable."""
    return a_document(variables=[{"name": "mine", "type": "text", "value": "x"} | fields])


def by_path(path: object) -> dict[str, Any]:
    return a_document(variables=[{"name": "mine", "type": "text", "path": path}])


def test_the_variables_of_the_design_are_understood_and_written_again() -> None:
    settings = read_settings_file(a_document(variables=OF_THE_DESIGN))

    assert settings.variables == (
        OwnVariable(name="season", type=OwnType.TEXT, value="winter"),
        OwnVariable(name="gift_note", type=OwnType.TEXT, path=GIFT, kinds=(EventKind.ORDER_PAID,)),
        OwnVariable(name="points", type=OwnType.NUMBER, path="$.customer.metafields.loyalty.points"),
    )
    assert write_settings_file(settings, with_secrets=False)["variables"] == OF_THE_DESIGN


@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("number", 5),
        ("number", 12.5),
        ("number", "12.50"),
        ("date", "2026-12-24"),
        ("date", "2026-12-24T10:00:00Z"),
        ("text", "0"),
    ],
)
def test_a_constant_fits_its_type(type: str, value: object) -> None:
    (variable,) = read_settings_file(a_file(type=type, value=value)).variables

    assert variable.value == value


WRONG: tuple[tuple[str, object, str, str], ...] = (
    ("no list", a_document(variables={}), "", "enter a list in square brackets"),
    ("no object", a_document(variables=["x"]), "[0]", "found a text; enter an object"),
    ("a key too many", a_file(kind="x"), "[0].kind", "is not a key we know"),
    ("no name", a_document(variables=[{"type": "text", "value": "x"}]), "[0].name", "is missing."),
    ("no type", a_document(variables=[{"name": "mine", "value": "x"}]), "[0].type", "is missing."),
    ("another type", a_file(type="txt"), "[0].type", "enter one of these: text, number, date. Did you mean text?"),
    ("name in capitals", a_file(name="Mine"), "[0].name", "enter a name that starts with a letter"),
    ("name that is long", a_file(name="a" * 65), "[0].name", "found a text of 65 characters"),
    ("name that is a number", a_file(name=1), "[0].name", "found the number 1"),
    ("name of ours", a_file(name="order_link"), "[0].name", "order_link is already a variable of this app"),
    ("name of a line of ours", a_file(name="variant_name"), "[0].name", "is already a variable of this app"),
    ("name of SendPulse's", a_file(name="unsubscribe_url"), "[0].name", "has a meaning of its own in SendPulse"),
    ("value and path", a_file(path="$.a"), "[0].path", "cannot be used together with a value; keep one of the two."),
    (
        "neither",
        a_document(variables=[{"name": "mine", "type": "text"}]),
        "[0].value",
        "is missing; enter a value, or the path",
    ),
    ("no text", a_file(value=5), "[0].value", "found a number; enter a text."),
    ("empty text", a_file(value=" "), "[0].value", "found an empty text; enter a text."),
    ("truth as text", a_file(value=True), "[0].value", "found the value true; enter a text."),
    ("truth as number", a_file(type="number", value=True), "[0].value", "found the value true; enter a text."),
    ("no number", a_file(type="number", value="much"), "[0].value", 'found "much"; enter a number, such as 12.50.'),
    ("not a number", a_file(type="number", value=float("nan")), "[0].value", "found a number; enter a number"),
    ("no date", a_file(type="date", value="24.12."), "[0].value", 'found "24.12."; enter a date, such as 2026-12-24.'),
    ("date as number", a_file(type="date", value=20261224), "[0].value", "found a number; enter a text."),
    ("text of lines", a_file(value="a\nb"), "[0].value", "enter it on one line"),
    ("long text", a_file(value="a" * 256), "[0].value", "found a text of 256 characters"),
    ("no event", a_file(events=["order_payed"]), "[0].events[0]", "Did you mean order_paid?"),
    ("events as text", a_file(events="order_paid"), "[0].events", "enter a list in square brackets"),
    ("no events", a_file(events=[]), "[0].events", "names no event; leave this key out"),
    ("path as number", by_path(1), "[0].path", "found a number; enter a text."),
    ("hostile path", by_path("$..a..b"), "[0].path", "the path, at character 5, has a second .. in it"),
    ("regular expression", by_path("$[?match(@.a,'(a+)+')]"), "[0].path", "the path, at character 4, calls match()"),
)


@pytest.mark.parametrize(("document", "place", "words"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_is_wrong_is_refused_where_it_stands(document: object, place: str, words: str) -> None:
    said = refused(document)

    assert [path for path, _ in said] == [f"$.variables{place}"]
    assert words in said[0][1]


def test_two_variables_of_one_name_are_refused() -> None:
    two = [{"name": "mine", "type": "text", "value": "x"}] * 2

    assert refused(a_document(variables=two)) == [
        ("$.variables[1].name", "is also the name of $.variables[0]; give each variable a name of its own.")
    ]


def test_thirty_variables_are_taken() -> None:
    some = [{"name": f"mine_{number}", "type": "text", "value": "x"} for number in range(31)]

    assert len(read_settings_file(a_document(variables=some[:30])).variables) == 30
    assert refused(a_document(variables=some)) == [("$.variables", "found a list of 31 entries; enter at most 30.")]


def test_a_name_that_became_ours_stays_where_it_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = a_file(name="tracking_code")
    monkeypatch.setattr(own_variables, "OURS", own.OURS | {"tracking_code"})

    assert [each.name for each in read_settings_file(stored, known=stored).variables] == ["tracking_code"]
    assert refused(stored) == [("$.variables[0].name", "tracking_code is already a variable of this app; choose another name.")]
    with pytest.raises(SettingsRefused):
        read_settings_file(a_file(name="tracking_code", value="y"), known=stored)


def test_a_path_that_is_refused_by_now_stays_where_it_is_stored() -> None:
    stored = by_path("$..a..b")

    assert [each.path for each in read_settings_file(stored, known=stored).variables] == ["$..a..b"]
    assert read_settings_file(a_document(), known={"variables": 1}).variables == ()


def test_a_file_of_variables_is_json() -> None:
    settings = read_settings_file(a_document(variables=OF_THE_DESIGN))

    assert read_settings_file(json.loads(json.dumps(write_settings_file(settings, with_secrets=True)))) == settings
