"""Every guess is named, and nothing named is not acted on."""

import re
from pathlib import Path

from flask.testing import FlaskClient

import plugin.sandbox.sendpulse as package
from plugin.sandbox.sendpulse import GUESSES
from plugin.sandbox.sendpulse.guesses import ANSWERS

FOLDER = Path(package.__file__).parent


def test_every_guess_is_marked_where_it_is_acted_on() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py"))
    marked = re.findall(r"# GUESS ([a-z_, ]+)$", code, re.MULTILINE)

    assert {name.strip() for names in marked for name in names.split(",")} == set(GUESSES)


def test_every_answer_is_a_guess_or_known() -> None:
    assert set(ANSWERS) - set(GUESSES) == {"unauthorized", "invalid_client"}


def test_both_hosts_show_the_guesses(api: FlaskClient, events: FlaskClient) -> None:
    for host in (api, events):
        assert host.get("/pretend/guesses").json == dict(GUESSES)
