"""The file a store's own tool deploys is written with this app's address and IDs in it."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plugin.commands import main

TOML = Path(__file__).parents[2] / "shopify.app.toml"
OURS = {"PUBLIC_URL": "https://events.shop.test", "SHOPIFY_CLIENT_ID": "0123abcd", "SHOPIFY_CLIENT_SECRET": "not told"}


def written(environ: Mapping[str, str], file: Path = TOML) -> Result:
    return CliRunner().invoke(main, ["app-file", str(file)], env=dict.fromkeys(OURS, "") | dict(environ))


def test_the_file_has_the_apps_address_and_id_and_nothing_to_fill_in() -> None:
    answer = written(OURS)

    assert answer.exit_code == 0
    app = tomllib.loads(answer.output)
    assert (app["client_id"], app["application_url"]) == ("0123abcd", "https://events.shop.test/shopify")
    assert {each["uri"] for each in app["webhooks"]["subscriptions"]} == {"https://events.shop.test/webhooks/shopify"}
    assert app["auth"]["redirect_urls"] == ["https://events.shop.test/shopify"]
    assert "example" not in answer.output and "REPLACE" not in answer.output


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"SHOPIFY_CLIENT_ID": "0123abcd"}, "PUBLIC_URL: found http://"),
        ({"PUBLIC_URL": "http://events.shop.test", "SHOPIFY_CLIENT_ID": "x"}, "PUBLIC_URL: found http://events.shop.test;"),
        ({"PUBLIC_URL": "https://events.shop.test"}, "SHOPIFY_CLIENT_ID: not set, and shopify.app.toml needs it."),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_written(environ: Mapping[str, str], named: str) -> None:
    answer = written(environ)

    assert answer.exit_code == 1
    assert named in answer.output
    assert "client_id" not in answer.output


@pytest.mark.parametrize("name", ["SHOPIFY_CLIENT_SECRET", "NO_SUCH_VARIABLE"])
def test_a_file_cannot_ask_for_a_secret(tmp_path: Path, name: str) -> None:
    (tmp_path / "app.toml").write_text(f'client_id = "REPLACE-WITH-{name}"\n', encoding="utf-8")

    answer = written(OURS, tmp_path / "app.toml")

    assert answer.exit_code == 1
    assert f"{name}: not set" in answer.output and "not told" not in answer.output
