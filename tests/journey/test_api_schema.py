"""The JSON API, asked whatever its description allows and much that it does not, as roles that see much and little."""

import re
import shutil
from collections import Counter

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.frame.openapi_page import described
from governance import access_tokens
from governance.account_state import Role
from governance.cases import all_cases
from governance.policy import Action, Scope, scope
from tests.journey.staffed import WORKER, staffed
from tests.unit.api.swept import Visitor, name_of

pytestmark = pytest.mark.slow

EXAMPLES = 15
"""Requests of an operation as a role, by the description, against it, and of what is there."""

SOME = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def app(ran, tmp_path_factory):
    return staffed(shutil.copytree(ran.workspace, tmp_path_factory.mktemp("schema") / "workspace"), ran.run)


@pytest.fixture(scope="module")
def known(app, ran):
    """Values of the placeholders of addresses that lead somewhere."""
    workspace = app.state.workspace
    mine = next(iter(all_cases(workspace)))
    pair = Visitor(app, WORKER).get("/api/v1/reviews").json()["rows"][0]
    ids = {"person_id": mine.person_id, "case_id": mine.id, "run_id": ran.run, "one": ran.run, "other": ran.run}
    return ids | {"left": pair["left"], "right": pair["right"], "source": "school", "approval_id": "2026-03"}


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SUPPORT_WORKER, Role.SCHOOL, Role.COUNCIL])
def test_every_answer_is_as_described(app, known, role):
    granted = [action for action in Action if scope(role, action) is not Scope.NONE]
    _, token = access_tokens.make(app.state.workspace, name_of(role), "test", granted, 1)
    answered = Counter()
    for found in schemathesis.openapi.from_dict(described(app)).get_all_operations():
        answered += asked(app, found.ok(), known, {"Authorization": f"Bearer {token}"})
    assert {200, 403, 404, 422} <= set(answered)


def asked(app, operation, known, headers):
    """Ask an operation by its description, against it, and of what is there; how often each status was answered."""
    answered = Counter()
    names = re.findall(r"{(\w+)}", operation.path)
    there = {name: known[name] for name in names if name in known}
    cases = [operation.as_strategy(mode) for mode in GenerationMode]
    if names and len(there) == len(names):
        cases.append(operation.as_strategy(path_parameters=there))

    @SOME
    @given(case=st.one_of(cases))
    def ask(case):
        answer = case.call(base_url="http://localhost", app=app, headers=headers)
        case.validate_response(answer, checks=CHECKS)
        answered[answer.status_code] += 1
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == ["application/problem+json"]

    ask()
    return answered
