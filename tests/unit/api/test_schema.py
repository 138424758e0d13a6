"""The description of the JSON API: it is OpenAPI, it tells every failure, and its page lists every operation."""

import html

import pytest
import schemathesis

from api.frame.openapi_page import OF_ALL, described
from mimamori.routes_page import routes
from tests.unit.api.swept import Visitor, application, staff


@pytest.fixture
def app(empty):
    staff(empty)
    return application(empty)


def test_it_is_openapi_and_no_route_for_programs_is_missing(app):
    schema = described(app)
    schemathesis.openapi.from_dict(schema).validate()
    listed = {(one.method.lower(), one.path) for one in routes(app) if one.path.startswith("/api/v1/")}
    told = {(method, address) for address, of in schema["paths"].items() for method in of}
    assert listed - told == {("get", "/api/v1/openapi.json")}
    assert told <= listed
    assert len(told) >= 50


def test_every_operation_says_what_it_is_and_how_it_fails(app):
    schema = described(app)
    for of in schema["paths"].values():
        for operation in of.values():
            assert operation["description"].endswith(".")
            assert {str(status) for status in OF_ALL} <= set(operation["responses"])
    for failure in schema["components"]["responses"].values():
        assert list(failure["content"]) == ["application/problem+json"]


def test_it_is_told_to_whoever_is_signed_in_and_to_nobody_else(app):
    assert Visitor(app).get("/api/v1/openapi.json").status_code == 401
    assert Visitor(app).get("/api").status_code == 303
    assert Visitor(app, "council").get("/api/v1/openapi.json").json() == described(app)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_its_page_lists_every_operation_and_loads_nothing_from_elsewhere(app, language):
    page = Visitor(app, "analyst").get(f"/api?lang={language}").text
    assert page.count("<tr>") == 1 + sum(map(len, described(app)["paths"].values()))
    assert "/api/v1/children/{person_id}/timeline" in html.unescape(page)
    assert "//" not in page
