"""The environment: read once, each mistake named with what would do."""

from pathlib import Path

import pytest

from plugin.config import VARIABLES, BadEnvironment, Settings, described
from plugin.web.gunicorn_options import gunicorn_arguments


def test_without_any_variable_it_is_a_small_shop_on_this_machine() -> None:
    settings = Settings.from_environ({})

    assert settings.is_sqlite
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.sendpulse_events_url == "https://events.sendpulse.com"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_every_spelling_of_postgresql_is_understood(scheme: str) -> None:
    settings = Settings.from_environ({"DATABASE_URL": f"{scheme}://user:word@host/name"})

    assert settings.database_url == "postgresql+psycopg://user:word@host/name"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://host/name"),
        ("DATABASE_URL", "plugin.db"),
        ("PUBLIC_URL", "app.example"),
        ("PUBLIC_URL", "https://app.example/?x=1"),
        ("PORT", "http"),
        ("PORT", "70000"),
        ("WEB_CONCURRENCY", "0"),
        ("WORKER_THREADS", "-1"),
        ("REQUEST_SECONDS", "0"),
        ("REQUEST_SECONDS", "61"),
        ("UNVERIFIED_MEGABYTES", "0.5"),
        ("TRUSTED_PROXIES", "proxy.internal"),
        ("TRUSTED_PROXIES", "10.0.0.1, *"),
        ("RETENTION_DAYS", "0"),
        ("RETENTION_DAYS", "91"),
        ("RETENTION_DAYS", "a month"),
        ("UNINSTALLED_DAYS", "91"),
        ("REGISTRATIONS_PER_HOUR", "0"),
        ("FAILED_SIGNATURES_PER_MINUTE", "none"),
        ("APP_AUTHOR", "a" * 61),
        ("APP_SUPPORT_URL", "http://help.example"),
        ("APP_SUPPORT_URL", "help@example.com"),
        ("APP_PRIVACY_URL", "https://help.example/" + "a" * 180),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(BadEnvironment, match=name):
        Settings.from_environ({name: value})


def test_an_ipv6_address_to_listen_at_needs_no_brackets() -> None:
    settings = Settings.from_environ({"HOST": "::1", "PORT": "8001"})

    assert settings.public_url == "http://[::1]:8001"
    assert "[::1]:8001" in gunicorn_arguments(settings)


def test_proxies_are_trusted_by_address_and_by_network() -> None:
    settings = Settings.from_environ({"TRUSTED_PROXIES": "127.0.0.1, 10.1.2.3/8,fd00::/8,"})

    assert [str(network) for network in settings.trusted_proxies] == ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"]


def test_an_error_never_shows_the_databases_password() -> None:
    with pytest.raises(BadEnvironment) as caught:
        Settings.from_environ({"DATABASE_URL": "mysql://user:planted@host/name"})

    assert "planted" not in str(caught.value)


def test_without_the_sandbox_only_the_real_hosts_are_called() -> None:
    elsewhere = {"SENDPULSE_EVENTS_URL": "http://127.0.0.1:1", "SENDPULSE_API_URL": "http://127.0.0.1:2"}

    assert Settings.from_environ(elsewhere).sendpulse_api_url == "https://api.sendpulse.com"
    assert Settings.from_environ(elsewhere | {"PLUGIN_SANDBOX": "1"}).sendpulse_api_url == "http://127.0.0.1:2"


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("from the file\n")

    assert Settings.from_environ({"SECRET_KEY_FILE": str(file)}).secret_key == "from the file"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadEnvironment, match="SECRET_KEY_FILE"):
        Settings.from_environ({"SECRET_KEY_FILE": str(tmp_path / "none")})


def test_secrets_are_masked_when_shown() -> None:
    environ = {"SECRET_KEY": "planted", "DATABASE_URL": "postgres://user:planted@host/name", "ENCRYPTION_KEYS": "planted"}

    shown = {name: value for name, value, _ in described(VARIABLES, environ)}

    assert "planted" not in str(shown)
    assert shown["DATABASE_URL"] == "postgres://…@host/name"
    assert shown["PORT"] == "8000"
    behind = dict.fromkeys(["DATABASE_URL"], "postgresql:///name?host=db&user=app&password=planted")
    assert "planted" not in str(list(described(VARIABLES, behind)))
