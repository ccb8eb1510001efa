"""The command line as an operator uses it, over a real database file."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet

from plugin.commands import main
from plugin.config import Settings
from plugin.pipeline.receive import receive
from plugin.platforms import find_testkit
from plugin.storage import open_store
from plugin.wiring import assemble
from plugin.worker import Worker
from tests.support.builders import EVENT_URL, NOON, a_settings_document
from tests.support.uninstalling import uninstall
from tests.support.working import drain

Run = Callable[..., Result]
SHOP = "shopify:demo.myshopify.com"
PUBLISHED = {
    "APP_AUTHOR": "A Company", "APP_SUPPORT_URL": "https://a.example/help", "APP_PRIVACY_URL": "https://a.example/privacy",
}  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs one command over a database of its own."""
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path}/plugin.db", "PUBLIC_URL": "https://app.example"}

    def call(*words: str, env: Mapping[str, str] | None = None, input: str | None = None) -> Result:
        return CliRunner().invoke(main, words, env=environ | dict(env or {}), input=input)

    return call


@pytest.fixture
def shop(run: Run) -> str:
    assert run("migrate").exit_code == 0
    added = run("shops", "add", "--platform", "shopify", "--address", "demo.myshopify.com", "--locale", "en",
                "--timezone", "Europe/Warsaw", "--token", "shpat_planted")  # fmt: skip
    assert added.exit_code == 0, added.output
    return SHOP


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(a_settings_document()))
    return file


def test_a_command_before_migrate_says_what_to_do(run: Run) -> None:
    answer = run("shops", "list")

    assert answer.exit_code == 1
    assert "migrate" in answer.output


def test_migrate_may_run_again(run: Run) -> None:
    assert [run("migrate").exit_code for _ in range(2)] == [0, 0]


def test_a_shop_is_added_listed_and_removed(run: Run, shop: str) -> None:
    assert shop in run("shops", "list").output

    assert run("shops", "remove", shop, "--yes").exit_code == 0

    assert shop not in run("shops", "list").output


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["--platform", "nobody", "--address", "x"], "shopify:…"),
        (["--platform", "shopify", "--address", "evil.example"], "myshopify.com"),
        (["--platform", "shopify", "--address", "demo.myshopify.com", "--locale", "x_"], "language tag"),
        (["--platform", "shopify", "--address", "demo.myshopify.com", "--timezone", "Mars/Base"], "IANA"),
    ],
    ids=["platform", "address", "locale", "timezone"],
)
def test_a_wrong_shop_is_refused_with_what_would_do(run: Run, words: list[str], hint: str) -> None:
    run("migrate")

    answer = run("shops", "add", *words)

    assert answer.exit_code == 1
    assert hint in answer.output


def test_settings_come_back_as_they_went_in(run: Run, shop: str, settings_file: Path) -> None:
    assert run("settings", "import", str(settings_file), "--shop", shop).exit_code == 0

    exported = json.loads(run("settings", "export", "--shop", shop, "--with-secrets").output)
    again = run("settings", "import", "-", "--shop", shop, input=json.dumps(exported))

    assert again.exit_code == 0, again.output
    assert json.loads(run("settings", "export", "--shop", shop, "--with-secrets").output) == exported
    assert exported["events"]["order_paid"] | a_settings_document()["events"]["order_paid"] == exported["events"]["order_paid"]


def test_an_export_leaves_secrets_out_unless_asked(run: Run, shop: str, settings_file: Path) -> None:
    run("settings", "import", str(settings_file), "--shop", shop)

    text = run("settings", "export", "--shop", shop).output

    assert "planted-client-secret" not in text
    assert "events.sendpulse.com" not in text


def test_an_export_imported_again_is_the_same_with_its_secrets(run: Run, shop: str, settings_file: Path) -> None:
    run("settings", "import", str(settings_file), "--shop", shop)
    exported, whole = (run("settings", "export", "--shop", shop, *more).output for more in ((), ("--with-secrets",)))

    again = run("settings", "import", "-", "--shop", shop, input=exported)

    assert again.exit_code == 0, again.output
    assert "Kept: the stored event URLs and keys, which the file leaves out." in again.output
    assert run("settings", "export", "--shop", shop).output == exported
    assert run("settings", "export", "--shop", shop, "--with-secrets").output == whole


def test_a_file_that_holds_its_secrets_is_taken_exactly(run: Run, shop: str, settings_file: Path) -> None:
    run("settings", "import", str(settings_file), "--shop", shop)
    paid = a_settings_document()["events"]["order_paid"]
    whole = a_settings_document(events={"order_paid": paid}, account={"rate_per_second": 8})

    answer = run("settings", "import", "-", "--shop", shop, input=json.dumps(whole))

    assert "Kept" not in answer.output
    assert json.loads(run("settings", "export", "--shop", shop, "--with-secrets").output)["account"] == {"rate_per_second": 8}


@pytest.mark.parametrize("text", ["[]", "7", '{"version": 2}'])
def test_json_that_is_no_settings_file_is_refused_where_some_are_stored(
    run: Run, shop: str, settings_file: Path, text: str
) -> None:
    run("settings", "import", str(settings_file), "--shop", shop)

    answer = run("settings", "import", "-", "--shop", shop, input=text)

    assert answer.exit_code == 1
    assert "nothing was changed" in answer.output


def test_a_settings_file_with_errors_is_refused_whole_with_each_path(run: Run, shop: str, tmp_path: Path) -> None:
    document: dict[str, Any] = a_settings_document(no_match={"policy": "perhaps"})
    document["flows"][1]["automation_id"] = -4
    document["events"]["order_paid"]["event_url"] = "https://evil.example/planted"
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(document))

    answer = run("settings", "import", str(file), "--shop", shop)

    assert answer.exit_code == 1
    for path in ("$.no_match.policy", "$.flows[1].automation_id", "$.events.order_paid.event_url"):
        assert path in answer.output
    assert "planted" not in answer.output
    assert json.loads(run("settings", "export", "--shop", shop).output)["events"] == {}


def test_a_file_that_is_no_json_is_refused(run: Run, shop: str, tmp_path: Path) -> None:
    file = tmp_path / "wrong.json"
    file.write_text("{'version': 1}")

    answer = run("settings", "import", str(file), "--shop", shop)

    assert answer.exit_code == 1
    assert "is not JSON" in answer.output


def test_settings_of_an_unknown_shop_are_refused(run: Run, shop: str, settings_file: Path) -> None:
    answer = run("settings", "import", str(settings_file), "--shop", "shopify:other.myshopify.com")

    assert answer.exit_code == 1
    assert "shops list" in answer.output


def test_the_log_of_a_quiet_shop_is_empty(run: Run, shop: str) -> None:
    answer = run("deliveries", "list", "--shop", shop, "--state", "failed", "--json")

    assert (answer.exit_code, answer.output) == (0, "")


def test_replaying_nothing_says_so(run: Run, shop: str) -> None:
    assert run("deliveries", "replay", "--shop", shop, "--state", "failed", "--yes").stdout == "0 will be sent again.\n"


def test_send_test_says_why_nothing_was_sent(run: Run, shop: str) -> None:
    answer = run("send-test", "--shop", shop, "--email", "me@example.com")

    assert answer.exit_code == 1
    assert "Not sent" in answer.output


def test_send_test_wants_an_address(run: Run, shop: str, settings_file: Path) -> None:
    run("settings", "import", str(settings_file), "--shop", shop)

    answer = run("send-test", "--shop", shop, "--email", "nobody")

    assert answer.exit_code == 1
    assert "not an email address" in answer.output


def test_send_test_shows_what_came_of_it(run: Run, shop: str, settings_file: Path) -> None:
    run("settings", "import", str(settings_file), "--shop", shop)
    nobody = {"PLUGIN_SANDBOX": "1", "SENDPULSE_EVENTS_URL": "http://127.0.0.1:9"}

    answer = run("send-test", "--shop", shop, "--email", "me@example.com", "--locale", "pl-PL", env=nobody)

    assert answer.exit_code == 1
    assert '"automation_id":102' in answer.output.replace(" ", "")
    assert "try_again" in answer.output


def test_keys_are_rotated_and_the_old_one_is_not_needed_any_more(run: Run, shop: str, settings_file: Path) -> None:
    run("settings", "import", str(settings_file), "--shop", shop)
    old = next(settings_file.parent.glob("*encryption*")).read_text().strip()
    new = Fernet.generate_key().decode()

    assert run("keys", "rotate", env={"ENCRYPTION_KEYS": f"{new},{old}"}).exit_code == 0

    assert run("settings", "export", "--shop", shop, env={"ENCRYPTION_KEYS": new}).exit_code == 0


def test_env_shows_every_variable_and_no_secret(run: Run) -> None:
    text = run("env", env={"SECRET_KEY": "planted-key", "SHOPIFY_CLIENT_SECRET": "planted-secret"}).output

    assert "planted" not in text
    for name in ("DATABASE_URL", "PUBLIC_URL", "SHOPIFY_CLIENT_SECRET", "SALEOR_ALLOWED_URLS", "SENTRY_DSN"):
        assert f"{name}=" in text


def test_a_wrong_variable_is_named(run: Run) -> None:
    answer = run("env", env={"PORT": "x"})
    assert answer.exit_code == 0

    answer = run("shops", "list", env={"PORT": "x"})
    assert answer.exit_code == 1
    assert "PORT" in answer.output


def test_a_shop_that_left_shows_no_secret_and_is_told_its_end(run: Run, shop: str, settings_file: Path, tmp_path: Path) -> None:
    run("settings", "import", str(settings_file), "--shop", shop)
    store = open_store(Settings.from_environ({"DATABASE_URL": f"sqlite:///{tmp_path}/plugin.db"}))
    uninstall(store.shops, store.shops.list()[0].shop.id)
    store.close()

    refused = run("settings", "export", "--shop", shop, "--with-secrets")
    without = run("settings", "export", "--shop", shop)
    test = run("send-test", "--shop", shop, "--email", "jan@example.com")

    assert (refused.exit_code, test.exit_code, without.exit_code) == (1, 1, 0)
    assert "has uninstalled the app" in refused.output
    assert "has uninstalled the app" in test.output
    assert EVENT_URL not in refused.output + without.output
    assert "\tleft\t" in run("shops", "list").output
    assert f"deleted on {(NOON + timedelta(days=7)).date()}" in run("shops", "list", env={"UNINSTALLED_DAYS": "7"}).output


def test_doctor_says_what_to_mend(run: Run) -> None:
    assert "migrate" in run("doctor").output
    run("migrate")

    answer = run("doctor")

    assert answer.exit_code == 1
    assert "There are no shops yet" in answer.output


def test_doctor_is_content_with_a_shop_that_is_set_up(run: Run, shop: str, settings_file: Path) -> None:
    assert "sends nothing" in run("doctor").output
    run("settings", "import", str(settings_file), "--shop", shop)

    answer = run("doctor", env={"TRUSTED_PROXIES": "127.0.0.1", **PUBLISHED})

    assert (answer.exit_code, answer.output) == (0, "Nothing is wrong.\n")


def test_doctor_says_what_neither_store_lists_an_app_without(run: Run, shop: str) -> None:
    missing = {name: text for name, text in PUBLISHED.items() if name == "APP_AUTHOR"}

    assert "APP_SUPPORT_URL, APP_PRIVACY_URL: not set." in run("doctor", env=missing).output
    assert "APP_" not in run("doctor", env=PUBLISHED).output


def test_doctor_asks_for_the_proxy_that_https_needs(run: Run, shop: str) -> None:
    assert "TRUSTED_PROXIES" in run("doctor").output
    assert "TRUSTED_PROXIES" not in run("doctor", env={"TRUSTED_PROXIES": "10.0.0.0/8"}).output


def test_doctor_warns_of_an_address_no_store_can_reach(run: Run, shop: str, settings_file: Path) -> None:
    run("settings", "import", str(settings_file), "--shop", shop)

    assert "PUBLIC_URL" in run("doctor", env={"PUBLIC_URL": "http://127.0.0.1:8000"}).output


def test_what_was_skipped_stands_in_the_log_in_plain_words(run: Run, shop: str, tmp_path: Path) -> None:
    _skip_something(tmp_path)

    plain = run("deliveries", "list", "--shop", shop)
    line = json.loads(run("deliveries", "list", "--shop", shop, "--json").stdout)

    assert "skipped" in plain.stdout
    assert line["reason"] in plain.stdout


def test_replaying_everything_is_asked_for_once_more(run: Run, shop: str) -> None:
    answer = run("deliveries", "replay", "--shop", shop, input="n\n")

    assert answer.exit_code == 1
    assert "Send every finished delivery" in answer.output


def test_a_shop_is_not_removed_without_a_yes(run: Run, shop: str) -> None:
    assert run("shops", "remove", shop, input="n\n").exit_code == 1

    assert shop in run("shops", "list").output


def _skip_something(folder: Path) -> None:
    """An order without settings: an event of the shop that is skipped."""
    settings = Settings.from_environ({"DATABASE_URL": f"sqlite:///{folder}/plugin.db"})
    services = assemble(settings, dict(find_testkit("shopify").environ))
    body = b'{"id": 1, "email": "jan@example.com", "created_at": "2026-11-23T12:00:00Z", "updated_at": "2026-11-23T12:00:00Z"}'
    shop, _ = find_testkit("shopify").installation()
    webhook = find_testkit("shopify").webhook("orders/paid", body, shop)
    receive(webhook, services.platforms["shopify"], services.store, now=NOON)
    drain(Worker(services))
    services.store.close()
