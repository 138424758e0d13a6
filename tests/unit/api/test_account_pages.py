"""One's own account and the accounts of all: who may do what, what is shown once, and what ends what."""

import html
import re

import pytest

from governance import accounts
from governance.account_state import AccountState, Role
from governance.runlog import Kind, entries
from tests.unit.api.sign_in_client import ANOTHER, FIRST, PASSWORD, Browser, add_account, browser, moved, staffed

__all__ = ["browser", "moved", "staffed"]

CHANGES = ["/accounts", "/accounts/invite", "/accounts/disable", "/accounts/role", "/accounts/schools"]


def shown_token(page):
    return html.unescape(re.search(r"<code>([\w-]{32})</code>", page)[1])


def states(workspace):
    return {one.name: (one.role, one.state, sorted(one.schools)) for one in accounts.list_accounts(workspace)}


def test_the_lone_person_makes_the_first_account_and_has_to_sign_in_from_then_on(empty, moved):
    one = Browser(empty)
    assert "/accounts" in one.ask("/account").text
    assert one.submit("/accounts", name="x", role="analyst").status_code == 409
    page = one.submit("/accounts", name=FIRST, role="administrator").text
    token = shown_token(page)
    assert one.ask("/accounts").status_code == 303
    answer = one.submit("/set-up", name=FIRST, token=token, password=PASSWORD, again=PASSWORD)
    assert answer.status_code == 200
    one.sign_in()
    assert FIRST in one.ask("/accounts").text


def test_an_account_is_made_changed_invited_again_and_disabled(browser, staffed):
    browser.sign_in()
    page = browser.submit("/accounts", name="sato", role="school", schools="E01 E02")
    assert page.status_code == 200
    token = shown_token(page.text)
    assert token not in browser.ask("/accounts").text
    assert states(staffed)["sato"] == (Role.SCHOOL, AccountState.INVITED, ["E01", "E02"])
    assert browser.submit("/accounts/schools", name="sato", schools="E03").status_code == 303
    assert browser.submit("/accounts/role", name="sato", role="support_worker").status_code == 303
    assert states(staffed)["sato"] == (Role.SUPPORT_WORKER, AccountState.INVITED, [])
    assert shown_token(browser.submit("/accounts/invite", name="sato").text) != token
    assert browser.submit("/accounts/disable", name="sato").status_code == 303
    assert states(staffed)["sato"][1] is AccountState.DISABLED
    with staffed.reading() as connection:
        held = entries(connection, subject="sato")
    assert {entry.actor for entry in held} == {FIRST}


def test_two_give_the_role_of_an_operator(browser, staffed, moved):
    browser.sign_in()
    assert "二人目の確認" in browser.submit("/accounts", name="unei", role="operator").text
    assert browser.submit("/accounts/confirm", name="unei").status_code == 409
    add_account(staffed, "shingikai", Role.COUNCIL)
    council = Browser(staffed)
    council.sign_in("shingikai")
    page = council.ask("/accounts").text
    assert "/accounts/confirm" in page
    assert "/accounts/invite" not in page
    token = shown_token(council.submit("/accounts/confirm", name="unei").text)
    accounts.set_password(staffed, "unei", token, ANOTHER)
    assert states(staffed)["unei"][:2] == (Role.OPERATOR, AccountState.ACTIVE)


@pytest.mark.parametrize("role", [Role.SUPPORT_WORKER, Role.ANALYST, Role.COUNCIL, Role.DATA_OWNER, Role.OPERATOR])
def test_who_does_not_manage_accounts_changes_none(staffed, moved, role):
    add_account(staffed, "sato", role)
    before = states(staffed)
    one = Browser(staffed)
    one.sign_in("sato")
    for path in CHANGES:
        answer = one.submit(path, name=FIRST, role="analyst", schools="E01")
        assert answer.status_code == 403, path
    assert one.ask("/accounts/one?name=yamada").status_code == 403
    assert one.ask("/accounts").status_code == (200 if role is Role.COUNCIL else 403)
    assert states(staffed) == before


def test_nobody_changes_their_own_role_nor_ends_the_last_administrator(browser, staffed):
    browser.sign_in()
    for path, form in (
        ("/accounts/role", {"role": "support_worker"}),
        ("/accounts/disable", {}),
        ("/accounts/invite", {}),
    ):
        assert browser.submit(path, name=FIRST, **form).status_code == 409
    assert states(staffed)[FIRST] == (Role.ADMINISTRATOR, AccountState.ACTIVE, [])


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a b", "x" * 65, "a/b", "os:root", ""])
def test_names_that_cannot_be_are_refused_and_written_back_as_text(browser, staffed, name):
    browser.sign_in()
    answer = browser.submit("/accounts", name=name, role="analyst")
    assert (
        answer.status_code in (409, 422, 200)
        if name == "<script>alert(1)</script>"
        else answer.status_code in (409, 422)
    )
    assert "<script>" not in answer.text


def test_another_password_ends_the_other_sessions_and_goes_on_under_another_token(browser, staffed, moved):
    browser.sign_in()
    moved.forward(minutes=1)
    other = Browser(staffed)
    other.secrets = browser.secrets
    other.sign_in()
    before = browser.token()
    answer = browser.submit("/account/password", old=PASSWORD, new=ANOTHER, again=ANOTHER)
    assert answer.headers["location"] == "/account?done=password"
    assert browser.token() != before
    assert browser.ask("/account").status_code == 200
    assert other.ask("/account").status_code == 303
    replayed = Browser(staffed)
    replayed.cookies.set("session", before)
    assert replayed.ask("/account").status_code == 303
    assert Browser(staffed).by_password().status_code == 401
    assert Browser(staffed).by_password(password=ANOTHER).status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("wrong-password-1", ANOTHER, ANOTHER),
        (PASSWORD, ANOTHER, ANOTHER + "x"),
        (PASSWORD, "short-one-1", "short-one-1"),
        (PASSWORD, "123456789qwe", "123456789qwe"),
        (PASSWORD, "mimamori2026", "mimamori2026"),
        (PASSWORD, "yamada-yamada", "yamada-yamada"),
        (PASSWORD, "aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa"),
        (PASSWORD, "x7" * 200, "x7" * 200),
    ],
)
def test_a_wrong_old_or_a_weak_new_password_changes_nothing(browser, staffed, old, new, again):
    browser.sign_in()
    assert browser.submit("/account/password", old=old, new=new, again=again).status_code == 422
    assert Browser(staffed).by_password().status_code == 303


@pytest.mark.parametrize(
    "password", ["himawari tsukue kumo densha", "ひまわりつくえくもでんしゃ", "𠮷野家の窓から見える7本の木"]
)
def test_passwords_of_words_with_spaces_or_in_japanese_are_taken(browser, staffed, password):
    token = accounts.add(staffed, "sato", Role.ANALYST, actor=FIRST).token
    answer = browser.submit("/set-up", name="sato", token=token, password=password, again=password)
    assert answer.status_code == 200
    assert browser.by_password("sato", password).status_code == 303
    assert browser.by_password("sato", password.upper() + " ").status_code == 401


def test_a_first_password_is_judged_for_who_has_the_token_alone(browser, staffed):
    token = accounts.add(staffed, "sato", Role.ANALYST, actor=FIRST).token
    weak = {"name": "sato", "password": "aaaaaaaaaaaaaaaa", "again": "aaaaaaaaaaaaaaaa"}
    fields = [
        re.findall(r'id="(\w+)-error"', browser.submit("/set-up", token=given, **weak).text) for given in ("x", token)
    ]
    assert fields == [["token"], ["password"]]


def test_a_set_up_token_is_taken_once_and_stands_in_no_address(browser, staffed):
    token = accounts.add(staffed, "sato", Role.ANALYST, actor=FIRST).token
    form = {"name": "sato", "token": token, "password": ANOTHER, "again": ANOTHER}
    assert "token=" not in browser.ask("/set-up/sato").text
    assert browser.submit("/set-up", **form).status_code == 200
    assert browser.submit("/set-up", **form).status_code == 422
    assert not re.search(r'<input id="token"[^>]*value', browser.ask(f"/set-up?token={token}").text)


def test_one_s_own_sessions_are_listed_and_ended(browser, staffed, moved):
    browser.sign_in()
    add_account(staffed, "sato")
    stranger = Browser(staffed)
    stranger.sign_in("sato")
    moved.forward(minutes=1)
    other = Browser(staffed, address="203.0.113.9")
    other.secrets = browser.secrets
    other.sign_in()
    page = browser.ask("/account").text
    assert "203.0.113.9" in page
    (ident,) = re.findall(r'name="session" value="(\w{16})"', page)
    assert stranger.submit("/account/sessions", session=ident).status_code == 303
    assert other.ask("/account").status_code == 200
    assert browser.submit("/account/sessions", session=ident).status_code == 303
    assert other.ask("/account").status_code == 303
    assert browser.ask("/account").status_code == 200
    with staffed.reading() as connection:
        assert len(entries(connection, kinds=[Kind.SIGNED_OUT])) == 1
