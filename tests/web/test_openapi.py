"""docs/openapi.json describes every address there is, and no other."""

from tests.support.web.description import DESCRIPTION, description, written


def test_the_description_is_what_the_application_serves() -> None:
    told = "renew it: python -m tests.support.web.description"

    assert DESCRIPTION.read_text() == written(description()), told
