"""What somebody may try who has an account, or the address of a page: other children, other files, other headers."""

import re
import threading
from urllib.parse import quote

import pytest

from api.frame.permission import OPEN
from governance import cases
from governance.account_state import Role
from governance.workspace import Workspace
from mimamori.routes_page import routes
from tests.unit.api.conftest import with_a_run
from tests.unit.api.published_run import flags, held_flags
from tests.unit.api.swept import Visitor, application, name_of, staff

OWN, FOREIGN = "p00004", "p00005"
"""A child of the school's account, and one of another school."""

PATHS = [
    "../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%00",
    "a\nb",
    "‮",
    "𩸽" * 30,
    "x" * 3000,
    "' OR 1=1--",
    "{{7*7}}",
]
HEADER = "a\r\nSet-Cookie: taken=1\r\n\r\n<script>"
NOTES = [
    "<script>alert(1)</script>",
    "\u202e逆",
    "a\x00b",
    "\x1b[31m赤",
    "\ud800",
    "={HYPERLINK(1)}",
    "]]>",
    "\ufeff\u200b",
]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    workspace = Workspace.create(tmp_path_factory.mktemp("attacked") / "workspace")
    with_a_run(workspace, flags(12), held_flags(13))
    staff(workspace)
    return application(workspace)


@pytest.fixture(scope="module")
def worker(app):
    return Visitor(app, "support-worker")


@pytest.fixture(scope="module")
def case(app, worker):
    """Address of a case of the worker."""
    return worker.post("/cases", data={"person_id": OWN, "year": 2025}).headers["location"]


def of_children(app):
    return [one for one in routes(app) if "{person_id}" in one.path and "/reviews/" not in one.path]


def test_another_schools_child_is_not_to_be_had_by_its_id(app):
    school = Visitor(app, "school")
    tried = of_children(app)
    assert len(tried) >= 8
    for one in tried:
        answers = {
            child: school.request(one.method, one.path.replace("{person_id}", child), data={"reason": "x"})
            for child in (OWN, FOREIGN, "p99999")
        }
        assert answers[FOREIGN].status_code == 403, one
        assert answers["p99999"].status_code == 403, one  # whether there is such a child is not told
        assert answers[OWN].status_code == 200, one
        assert "花子" not in answers[FOREIGN].text


@pytest.mark.parametrize("role", [Role.SUPPORT_WORKER, Role.OPERATOR, Role.COUNCIL, Role.ANALYST])
def test_no_address_leads_to_a_file_or_a_fault(app, role):
    visitor = Visitor(app, name_of(role))
    for one in routes(app):
        if "{" in one.path and one.path not in OPEN:
            for path in PATHS:
                answer = visitor.request(one.method, re.sub(r"{\w+}", quote(path, safe="%"), one.path))
                assert answer.status_code < 500, (one, path)
                assert "root:" not in answer.text
                assert "49" not in re.findall(r"\b49\b", answer.text) or "{{" not in path


@pytest.mark.parametrize("role", [Role.SUPPORT_WORKER, Role.OPERATOR, Role.COUNCIL])
def test_no_value_becomes_a_header_or_a_part_of_the_page(app, role):
    visitor = Visitor(app, name_of(role))
    names = [
        "lang",
        "to",
        "done",
        "year",
        "kind",
        "source",
        "since",
        "until",
        "page",
        "q",
        "which",
        "who",
        "sort",
        "name",
    ]
    values = dict.fromkeys(names, HEADER)
    for one in routes(app):
        if "{" not in one.path and not one.path.startswith("/sign-out"):
            answer = visitor.request(one.method, one.path, params=values, data=values if one.method == "POST" else None)
            assert answer.status_code < 500, one
            assert "taken" not in answer.headers.get("set-cookie", ""), one
            assert "<script>" not in answer.text, one
            assert "\n" not in answer.headers.get("location", ""), one


@pytest.mark.parametrize("words", NOTES)
def test_whatever_is_written_in_a_note_is_shown_as_text_or_refused(worker, case, words):
    seen = re.search(r'name="seen" value="(\d+)"', worker.get(case).text)[1]
    sent = f"seen={seen}&text=" + quote(words.encode("utf-8", "surrogatepass"))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = worker.post(f"{case}/note", content=sent, headers=headers)
    assert answer.status_code in (303, 400, 409, 422)
    page = worker.get(case)
    assert page.status_code == 200
    assert "<script" not in page.text
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]", page.text)


def test_a_form_sent_by_several_at_once_is_taken_once(app, worker, case):
    workspace, case_id = app.state.workspace, case.rpartition("/")[2]
    before = cases.find(workspace, case_id).version
    sent = {"seen": before, "text": "一度だけ"}
    answers, gate = [], threading.Barrier(6)

    def send():
        visitor = Visitor(app, "support-worker")
        gate.wait()
        answers.append(visitor.post(f"{case}/note", data=sent).status_code)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {303, 409}
    assert 303 in answers
    assert cases.find(workspace, case_id).version == before + 1


@pytest.mark.parametrize("name", ["_method", "X-HTTP-Method-Override", "X-Method-Override"])
def test_asking_cannot_be_made_a_change(app, worker, case, name):
    before = cases.find(app.state.workspace, case.rpartition("/")[2]).version
    address = f"{case}/note?{name}=POST&seen={before}&text=x"
    assert worker.get(address, headers={name.replace("_", "X-"): "POST"}).status_code == 405
    assert cases.find(app.state.workspace, case.rpartition("/")[2]).version == before


def test_a_cookie_of_another_form_lets_nobody_in(app):
    for value in ("", "x", "0" * 43, "a" * 5000, "../../x", '"', "null"):
        visitor = Visitor(app)
        visitor.cookies.set("session", value)
        assert visitor.get("/flags").status_code == 303
