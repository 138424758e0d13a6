"""The description of the JSON API: it is OpenAPI, it tells every failure, and its page lists every operation."""

import html

import pytest
import schemathesis
from fastapi.testclient import TestClient

from api.app import create_app
from api.frame.openapi_page import OF_ALL, described
from governance import access_tokens, sessions
from governance.policy import Action
from governance.sessions import Stage
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


def test_every_operation_says_how_one_signs_in_and_for_what(app):
    schema = described(app)
    assert {name: one["type"] for name, one in schema["components"]["securitySchemes"].items()} == {
        "token": "http",
        "session": "apiKey",
    }
    needed = {(one.method.lower(), one.path): list(map(str, one.actions)) for one in routes(app)}
    for address, of in schema["paths"].items():
        for method, operation in of.items():
            actions = needed[method, address]
            assert actions, "each is asked for"
            assert operation["security"] == [{"token": actions}, {"session": actions}]


@pytest.mark.parametrize("secure", [False, True])
def test_either_way_to_sign_in_works_as_described(empty, secure):
    staff(empty)
    app = create_app(empty, secure=secure)
    schemes = described(app)["components"]["securitySchemes"]
    address = f"http{'s' if secure else ''}://localhost"
    with empty.writing() as connection:
        session = sessions.begin(empty, connection, "council", Stage.WHOLE, address="192.0.2.1", browser="test")
    _, token = access_tokens.make(empty, "council", "test", [Action.VIEW_RUNS], 1)
    assert schemes["token"]["scheme"] == "bearer"
    for headers, cookies, status in (
        ({}, {}, 401),
        ({"Authorization": f"Bearer {token}"}, {}, 200),
        ({}, {schemes["session"]["name"]: session}, 200),
    ):
        with TestClient(app, base_url=address, headers=headers, cookies=cookies) as client:
            assert client.get("/api/v1/runs").status_code == status


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
