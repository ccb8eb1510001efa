"""What an operator does at the command line stands in the audit of the shop, and is read there."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from plugin.commands import main
from tests.support.builders import a_settings_document

Run = Callable[..., Result]
SHOP = "shopify:demo.myshopify.com"


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(a_settings_document(events={})))
    return str(path)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs one command over a database in which the shop is; tests/storage/test_audit.py looks at both databases."""
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path}/plugin.db", "PUBLIC_URL": "https://app.example"}

    def call(*words: str) -> Result:
        return CliRunner().invoke(main, words, env=environ)

    assert call("migrate").exit_code == 0
    assert call("shops", "add", "--platform", "shopify", "--address", "demo.myshopify.com").exit_code == 0
    return call


def deeds(run: Run) -> list[str]:
    """The newest first."""
    found = run("audit", "list", "--shop", SHOP, "--json").output.splitlines()
    lines = [json.loads(line) for line in found]
    assert {line["who"] for line in lines} == {"operator"}
    return [line["deed"] for line in lines]


NOTED: dict[str, tuple[Sequence[str], str]] = {
    "shops add": (("--platform", "shopify", "--address", "demo.myshopify.com"), "shop_added"),
    "settings export": (("--shop", SHOP), "settings_exported"),
    "settings import": (("FILE", "--shop", SHOP), "settings_changed"),
    "send-test": (("--shop", SHOP, "--email", "jan@example.com"), "test_sent"),
    "deliveries list": (("--shop", SHOP), "log_read"),
    "audit list": (("--shop", SHOP), "audit_read"),
    "people export": (("--shop", SHOP, "--email", "jan@example.com"), "person_exported"),
    "people erase": (("--shop", SHOP, "--email", "jan@example.com", "--yes"), "person_erased"),
    "keys rotate": ((), "keys_rotated"),
    "shops suspend": ((SHOP,), "shop_suspended"),
    "shops resume": ((SHOP,), "shop_resumed"),
}
ELSEWHERE = {
    "deliveries replay": "tests/storage/test_deliveries.py: nothing matches here, so nothing is noted",
    "shops remove": "the audit goes with the shop; the operator's log says it",
    "shops list": "no shop's settings, people or log",
    "env": "no shop",
    "app-file": "no shop",
    "doctor": "what is wrong, in sentences that name nobody",
    "migrate": "no shop's settings, people or log",
    "serve": "runs the app",
    "web": "runs the app",
    "worker": "runs the app",
    "sandbox": "pretend shops",
}


def commands(group: click.Group, before: str = "") -> list[str]:
    found = []
    for name, command in group.commands.items():
        found += commands(command, f"{before}{name} ") if isinstance(command, click.Group) else [f"{before}{name}"]
    return found


def test_every_command_is_noted_or_has_a_reason_not_to_be() -> None:
    assert sorted(commands(main)) == sorted([*NOTED, *ELSEWHERE])


@pytest.mark.parametrize(("name", "words", "deed"), [(name, *expected) for name, expected in NOTED.items()], ids=NOTED)
def test_a_command_is_the_operators_deed(run: Run, file: str, name: str, words: Sequence[str], deed: str) -> None:
    if name == "shops resume":
        run("shops", "suspend", SHOP)

    run(*name.split(), *(file if word == "FILE" else word for word in words))

    assert deeds(run)[0] == deed


def test_the_audit_is_read_newest_first(run: Run) -> None:
    run("settings", "export", "--shop", SHOP, "--with-secrets")

    [newest, _] = run("audit", "list", "--shop", SHOP, "--json").output.splitlines()

    line = json.loads(newest)
    assert (line["shop"], line["number"], line["deed"], line["facts"], line["address"]) == (
        *(SHOP, 2, "settings_exported", {"with_secrets": 1}, ""),
    )
    [_, newest, _] = run("audit", "list", "--shop", SHOP).output.splitlines()
    assert newest.split("\t")[1:] == ["operator", "-", "settings_exported", "with_secrets=1"]
    assert len(run("audit", "list", "--shop", SHOP, "--limit", "1").output.splitlines()) == 1


def test_an_untouched_audit_is_told_with_its_seal(run: Run) -> None:
    answer = run("audit", "list", "--shop", SHOP, "--verify")

    assert answer.exit_code == 0
    assert "no line was changed; the newest is 1, with the seal " in answer.output


def test_a_forged_audit_is_told_by_the_check_and_by_doctor(run: Run, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "plugin.db")) as connection, connection:
        connection.execute("DELETE FROM audit_heads")

    assert f"The activity log of {SHOP} was changed: Where the audit begins and ends is not known" in run("doctor").output
    answer = run("audit", "list", "--shop", SHOP, "--verify")
    assert answer.exit_code == 1
    assert f"{SHOP}: Where the audit begins and ends is not known" in answer.output

    # That it was read is a line, and it goes on from there.
    again = run("audit", "list", "--shop", SHOP, "--verify")
    assert (again.exit_code, "\taudit_broken" in again.output) == (1, True)
    assert f"The activity log of {SHOP} was changed: Before line 2 " in run("doctor").output


def test_a_line_of_an_older_process_is_shown_as_unsealed(run: Run, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "plugin.db")) as connection, connection:
        connection.execute("INSERT INTO audit (shop_id, at, who, what) SELECT id, installed_at, 'x', 'y' FROM shops")

    answer = run("audit", "list", "--shop", SHOP, "--verify")

    assert answer.exit_code == 0
    assert f"{SHOP}: 1 line stands beside the chain" in answer.output
    assert "\tx\t-\ty\tunsealed\n" in answer.output
    assert "The audit of" not in run("doctor").output


def test_a_suspended_shop_is_told_of_until_it_is_resumed(run: Run) -> None:
    assert run("shops", "suspend", SHOP).exit_code == 0

    assert f"{SHOP}\tsuspended\t" in run("shops", "list").output
    assert f"{SHOP} has been suspended since " in run("doctor").output
    assert "already suspended" in run("shops", "suspend", SHOP).output
    refused = run("send-test", "--shop", SHOP, "--email", "jan@example.com")
    assert (refused.exit_code, f"`shops resume {SHOP}`" in refused.output) == (1, True)

    assert run("shops", "resume", SHOP).exit_code == 0

    assert f"{SHOP}\tinstalled\t" in run("shops", "list").output
    assert "is not suspended" in run("shops", "resume", SHOP).output
    assert deeds(run)[:2] == ["shop_resumed", "shop_suspended"]


def test_a_suspended_shop_that_is_removed_and_added_again_is_suspended_still(run: Run) -> None:
    assert run("shops", "suspend", SHOP).exit_code == 0

    assert "If it comes back, it will still be suspended." in run("shops", "remove", SHOP, "--yes").output

    added = run("shops", "add", "--platform", "shopify", "--address", "demo.myshopify.com")
    assert f"until you run `shops resume {SHOP}`" in added.output
    assert f"{SHOP}\tsuspended\t" in run("shops", "list").output
