"""Tokens with which programs ask: for some actions, for a time, never more than the account may, and no pages."""

import html
import re

import pytest
from fastapi import APIRouter, Depends

from api import app as application
from api.frame.permission import needs
from governance import access_tokens, accounts
from governance.account_state import Role
from governance.policy import Action
from governance.runlog import Kind, entries
from governance.verify import verify
from tests.unit.api.sign_in_client import ANOTHER, FIRST, PASSWORD, Browser, add_account, browser, moved, staffed
from vocabulary.errors import WorkspaceError

__all__ = ["browser", "moved", "staffed"]

router = APIRouter()


@router.get("/api/v1/trial/list", dependencies=[Depends(needs(Action.LIST_FLAGS))])
def _listed():
    return {"rows": 1}


@router.get("/api/v1/trial/child", dependencies=[Depends(needs(Action.VIEW_CHILD))])
def _child():
    return {"rows": 1}


@router.get("/trial", dependencies=[Depends(needs(Action.LIST_FLAGS))])
def _page():
    return {"rows": 1}


@pytest.fixture
def worker(staffed, moved, monkeypatch):
    """The browser of a support worker, on an application with three routes more."""
    monkeypatch.setattr(application, "ROUTERS", (*application.ROUTERS, router))
    add_account(staffed, "sato")
    one = Browser(staffed)
    one.sign_in("sato")
    return one


def make(one, **form):
    page = one.submit("/account/tokens", **({"title": "集計", "days": "30", "action": "list_flags"} | form))
    assert page.status_code == 200, page.text
    return html.unescape(re.search(r"<code>(mimamori_[\w-]{43})</code>", page.text)[1])


def asked(one, path, token, **headers):
    program = Browser(one.workspace, application=one.application)
    return program.get(path, headers={"Authorization": f"Bearer {token}"} | headers)


def test_a_program_may_do_what_its_token_is_for_and_no_more(worker, staffed):
    token = make(worker)
    assert asked(worker, "/api/v1/trial/list", token).status_code == 200
    refused = asked(worker, "/api/v1/trial/child", token)
    assert refused.status_code == 403
    assert refused.headers["content-type"] == "application/problem+json"
    with staffed.reading() as connection:
        last = entries(connection, kinds=[Kind.REFUSAL])[-1]
    assert last.content["rule"] == "sign_in.token_not_for"


def test_it_opens_no_page_and_not_the_account(worker):
    token = make(worker)
    for path in ("/trial", "/account", "/account/tokens", "/flags"):
        assert asked(worker, path, token).status_code == 303, path


@pytest.mark.parametrize("shown", ["", "x", "mimamori_", "mimamori_" + "x" * 43])
def test_what_is_no_token_is_401(worker, shown):
    answer = asked(worker, "/api/v1/trial/list", shown)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"


def test_it_ends_by_its_time(worker, moved):
    token = make(worker, days="2")
    moved.forward(days=2, seconds=-1)
    assert asked(worker, "/api/v1/trial/list", token).status_code == 200
    moved.forward(seconds=2)
    assert asked(worker, "/api/v1/trial/list", token).status_code == 401


@pytest.mark.parametrize("how", ["owner", "password", "role", "disabled", "invited"])
def test_it_ends_with_what_it_is_bound_to(worker, staffed, how):
    from governance import account_roles

    token = make(worker)
    if how == "owner":
        (held,) = access_tokens.holding(staffed, "sato")
        assert worker.submit("/account/tokens/end", token=held.id).status_code == 303
    elif how == "password":
        worker.submit("/account/password", old=PASSWORD, new=ANOTHER, again=ANOTHER)
    elif how == "role":
        account_roles.set_role(staffed, "sato", Role.SCHOOL, actor=FIRST, schools=["E01"])
    elif how == "disabled":
        accounts.disable(staffed, "sato", actor=FIRST)
    else:
        accounts.invite(staffed, "sato", actor=FIRST)
    assert asked(worker, "/api/v1/trial/list", token).status_code == 401


@pytest.mark.parametrize(
    "form", [{"action": "manage_accounts"}, {"title": " "}, {"days": "0"}, {"days": "91"}, {"title": "x" * 81}]
)
def test_more_than_the_account_may_or_too_long_is_refused(worker, form):
    page = worker.submit("/account/tokens", **({"title": "集計", "days": "30", "action": "list_flags"} | form))
    assert page.status_code == 422
    assert "mimamori_" not in page.text


def test_a_token_for_nothing_is_refused(worker):
    assert worker.submit("/account/tokens", title="x", days="30").status_code == 422


def test_nobody_ends_another_s(worker, staffed):
    token = make(worker)
    (held,) = access_tokens.holding(staffed, "sato")
    with pytest.raises(WorkspaceError):
        access_tokens.end(staffed, FIRST, held.id)
    assert asked(worker, "/api/v1/trial/list", token).status_code == 200


def test_it_is_kept_nowhere_and_its_row_is_bound_to_the_log(worker, staffed):
    token = make(worker)
    held = b"".join(path.read_bytes() for path in staffed.path.rglob("*") if path.is_file())
    assert token.encode() not in held
    with staffed.engine.begin() as connection:
        connection.exec_driver_sql("update access_tokens set until = '2999-01-01T00:00:00+00:00'")
    assert asked(worker, "/api/v1/trial/list", token).status_code == 503
    assert any("access_tokens" in str(one) for one in verify(staffed).findings)


def test_a_browser_that_carries_a_cookie_is_not_taken_for_a_program(worker):
    """What a browser sends by itself does not change anything from elsewhere, token or not."""
    headers = {
        "Origin": "https://example.org",
        "Sec-Fetch-Site": "cross-site",
        "Authorization": f"Bearer {make(worker)}",
    }
    assert worker.post("/account/sessions", headers=headers).status_code == 403
