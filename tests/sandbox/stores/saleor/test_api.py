"""The pretend Saleor's HTTP side."""

import pytest
from flask.testing import FlaskClient

from plugin.sandbox.stores.saleor.api import saleor_app
from plugin.sandbox.stores.saleor.graph import payload, problems_of
from plugin.sandbox.stores.saleor.pretend import InstalledApp, PretendSaleor

MANIFEST = {"id": "an.app", "name": "App", "version": "1", "permissions": ["MANAGE_ORDERS"]}


@pytest.fixture
def pretend() -> PretendSaleor:
    return PretendSaleor(url="http://shop.example")


@pytest.fixture
def app(pretend: PretendSaleor) -> InstalledApp:
    return pretend.add_app(MANIFEST)


@pytest.fixture
def client(pretend: PretendSaleor) -> FlaskClient:
    return saleor_app(pretend).test_client()


def test_a_token_says_which_app_it_belongs_to(client: FlaskClient, app: InstalledApp) -> None:
    answer = client.post(
        "/graphql/", json={"query": "{ app { id identifier } }"}, headers={"Authorization": f"Bearer {app.token}"}
    )

    assert answer.get_json() == {"data": {"app": {"id": app.id, "identifier": "an.app"}}}


def test_a_stranger_gets_no_app(client: FlaskClient) -> None:
    answer = client.post("/graphql/", json={"query": "{ app { id } shop { name } channels { slug } }"})

    assert answer.status_code == 200
    assert answer.get_json()["data"] == {"app": None, "shop": {"name": "Demo"}, "channels": None}
    assert answer.get_json()["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied"


def test_an_app_sees_what_its_permissions_show(client: FlaskClient, app: InstalledApp) -> None:
    answer = client.post(
        "/graphql/",
        json={"query": '{ order(id: "x") { id } user(id: "x") { id } }'},
        headers={"Authorization": f"Bearer {app.token}"},
    )

    assert [error["path"] for error in answer.get_json()["errors"]] == [["user"]]


def test_installing_again_gives_another_token_and_id(pretend: PretendSaleor, app: InstalledApp) -> None:
    again = pretend.add_app(MANIFEST)

    assert (again.id, again.token) != (app.id, app.token)
    assert pretend.app_with_token(app.token) is None
    assert pretend.apps() == (again,)


@pytest.mark.parametrize("question", [{"query": "{ nothing }"}, {"query": "{"}, {}])
def test_a_wrong_query_is_a_bad_request(client: FlaskClient, question: dict[str, str]) -> None:
    answer = client.post("/graphql/", json=question)

    assert answer.status_code == 400
    assert "data" not in answer.get_json()


def test_what_is_no_object_is_a_bad_request(client: FlaskClient) -> None:
    assert client.post("/graphql/", json=[]).status_code == 400


def test_the_key_set_has_one_key(client: FlaskClient) -> None:
    [key] = client.get("/.well-known/jwks.json").get_json()["keys"]

    assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")
    assert "d" not in key


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/media/moss-teapot.svg", 200),
        ("/media/none.svg", 404),
        ("/pl/products/moss-teapot", 200),
        ("/pl/products/none", 404),
    ],
)
def test_pictures_and_pages_are_there(client: FlaskClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


@pytest.mark.parametrize("query", ["{ app { id } }", "subscription {", "subscription { event { ... on Nothing { id } } }"])
def test_a_query_that_is_no_subscription_is_refused(query: str) -> None:
    assert problems_of(query)


def test_errors_of_single_fields_are_delivered_beside_the_data() -> None:
    query = "subscription S { event { ... on CustomerCreated { version user { email } } } }"

    found = payload(query, {"__typename": "CustomerCreated", "version": "3.23", "user": {"email": None}})

    assert found
    assert found["version"] == "3.23"
    assert found["user"] is None
    assert found["errors"][0]["path"] == ["event", "user", "email"]
