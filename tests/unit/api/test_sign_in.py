"""Signing in: the two steps, what each leaves open, and what the cookies are."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from governance import account_roles, accounts, tables
from governance.account_state import Role
from governance.digest import sha256
from governance.runlog import Kind, entries
from tests.unit.api.sign_in_client import FIRST, PASSWORD, Browser, add_account, browser, moved, staffed

__all__ = ["browser", "moved", "staffed"]


def logged(workspace, *kinds):
    with workspace.reading() as connection:
        return entries(connection, kinds=kinds)


def test_without_accounts_nobody_signs_in(empty):
    assert Browser(empty).ask("/account").status_code == 200
    assert Browser(empty).ask("/sign-in").headers["location"] == "/"


@pytest.mark.parametrize("path", ["/", "/flags", "/account", "/accounts", "/account/tokens", "/account/password"])
def test_with_accounts_every_page_asks_first(browser, path):
    answer = browser.ask(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_programs_are_told_so_by_401(browser):
    answer = browser.ask("/api/v1/anything-that-needs-it")
    assert answer.status_code in (401, 404)


def test_the_whole_way(browser, staffed):
    answer = browser.sign_in(to="/account")
    assert answer.headers["location"] == "/account"
    assert FIRST in browser.ask("/account").text
    (entry,) = logged(staffed, Kind.SIGNED_IN)
    assert (entry.actor, entry.content["way"], entry.content["address"]) == (FIRST, "password", "192.0.2.1")


def test_half_the_way_opens_nothing(browser):
    browser.by_password()
    assert browser.ask("/account").headers["location"].startswith("/sign-in")
    assert browser.ask("/accounts").status_code == 303
    assert browser.submit("/accounts/disable", name=FIRST).status_code == 303


def test_a_wrong_password_and_a_name_that_is_not_there_are_answered_alike(browser):
    answers = [browser.by_password(FIRST, "x" * 14), browser.by_password("nobody", PASSWORD)]
    assert [one.status_code for one in answers] == [401, 401]
    pages = [one.text.replace(FIRST, "").replace("nobody", "") for one in answers]
    assert pages[0] == pages[1]
    assert browser.token() is None


def test_the_token_is_another_after_each_step(browser):
    browser.cookies.set("session", "given-by-somebody-else", domain="localhost.local")
    browser.by_password()
    halfway = browser.token()
    browser.sign_in()
    whole = browser.token()
    assert len({halfway, whole, "given-by-somebody-else"}) == 3
    stranger = Browser(browser.workspace, application=browser.application)
    for old in (halfway, "given-by-somebody-else"):
        stranger.cookies.set("session", old)
        assert stranger.ask("/account").status_code == 303


@pytest.mark.parametrize("secure", [False, True])
def test_cookies_cannot_be_read_by_scripts_nor_sent_from_elsewhere(staffed, moved, secure):
    address = "https://mimamori.example.jp" if secure else "http://localhost"
    one = Browser(staffed, base_url=address, secure=secure, names={"mimamori.example.jp", "localhost"})
    one.by_password()
    answer = one.submit("/sign-in/second", code="000000")
    assert answer.status_code == 401
    answer = one.sign_in()
    cookies = answer.headers.get_list("set-cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
        assert ("Secure" in cookie) is secure
        assert cookie.startswith("__Host-") is secure
    spoken = one.ask("/account?lang=en").headers
    assert spoken["set-cookie"].startswith("__Host-lang=en" if secure else "lang=en")
    assert ("Secure" in spoken["set-cookie"]) is secure
    assert ("strict-transport-security" in one.ask("/account").headers) is secure


def test_signing_out_ends_the_session_for_whoever_has_its_token(browser, staffed):
    browser.sign_in()
    token = browser.token()
    answer = browser.submit("/sign-out")
    assert answer.headers["location"] == "/sign-in"
    assert browser.token() is None
    stranger = Browser(staffed)
    stranger.cookies.set("session", token)
    assert stranger.ask("/account").status_code == 303
    assert logged(staffed, Kind.SIGNED_OUT)[0].subject == FIRST


@pytest.mark.parametrize(
    "away",
    [
        "https://example.org/",
        "//example.org/",
        "/\\example.org",
        "\\\\example.org",
        "javascript:alert(1)",
        "/%0d%0aLocation:x\r\nx",
        "http:example.org",
        "///example.org",
        "/x\t//example.org",
        "/sign-in?to=/sign-in",
        "x",
    ],
)
def test_nobody_is_led_away_after_signing_in(browser, away):
    assert browser.sign_in(to=away).headers["location"] == "/"
    assert browser.get("/sign-in", params={"to": away}).headers["location"] == "/"


def test_signing_in_leads_back_to_where_one_was(browser):
    wanted = "/accounts/one?name=yamada"
    answer = browser.ask(wanted)
    page = browser.ask(answer.headers["location"])
    assert f'value="{wanted}"' in page.text
    assert browser.sign_in(to=wanted).headers["location"] == wanted


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(browser):
    browser.sign_in()
    browser.submit("/sign-out")
    answer = browser.submit("/accounts/disable", {"Referer": "http://localhost/accounts?x=1"}, name=FIRST)
    assert answer.headers["location"] == "/sign-in?to=%2Faccounts%3Fx%3D1"
    elsewhere = browser.submit("/accounts/disable", {"Referer": "https://example.org//a"}, name=FIRST)
    assert elsewhere.headers["location"] == "/sign-in"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://example.org", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://example.org", "Sec-Fetch-Site": None}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": None}, 403),
        ({"Origin": None, "Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": None, "Sec-Fetch-Site": None}, 403),  # a browser would have sent one of them
        ({"Host": "example.org"}, 421),
        ({"X-Forwarded-Host": "example.org"}, 303),
    ],
)
def test_a_change_is_taken_from_our_pages_only(browser, headers, status):
    browser.sign_in()
    assert browser.submit("/sign-out", headers).status_code == status


@pytest.mark.parametrize("change", ["role", "invitation", "end"])
def test_another_role_a_new_invitation_or_the_end_of_an_account_ends_its_sessions(browser, staffed, change):
    add_account(staffed, "sato")
    one = Browser(staffed)
    one.sign_in("sato")
    assert one.ask("/account").status_code == 200
    if change == "role":
        account_roles.set_role(staffed, "sato", Role.ANALYST, actor=FIRST)
    elif change == "invitation":
        accounts.invite(staffed, "sato", actor=FIRST)
    else:
        accounts.disable(staffed, "sato", actor=FIRST)
    assert one.ask("/account").status_code == 303


def test_a_session_ends_when_nobody_uses_it(browser, moved):
    browser.sign_in()
    for _ in range(4):
        moved.forward(minutes=13)
        assert browser.ask("/account").status_code == 200
    moved.forward(minutes=15, seconds=1)
    assert browser.ask("/account").status_code == 303
    moved.time -= timedelta(minutes=16)
    assert browser.ask("/account").status_code == 200  # the row is there; it is the time that ended it


def test_a_session_ends_after_a_day_s_work_however_it_is_used(browser, moved):
    browser.sign_in()
    for _ in range(47):
        moved.forward(minutes=10)
        assert browser.ask("/account").status_code == 200
    moved.forward(minutes=11)
    assert browser.ask("/account").status_code == 303


def test_half_the_way_is_open_for_ten_minutes(browser, moved):
    browser.by_password()
    moved.forward(minutes=10, seconds=1)
    assert browser.ask("/sign-in/second").headers["location"].startswith("/sign-in")
    assert browser.by_code(code="123456").status_code == 401


def test_a_session_holds_in_every_process_and_its_end_too(browser, staffed):
    other = Browser(staffed)
    browser.sign_in()
    other.cookies.set("session", browser.token())
    assert other.ask("/account").status_code == 200
    browser.submit("/sign-out")
    assert other.ask("/account").status_code == 303


def test_a_session_written_into_the_database_lets_nobody_in(browser, staffed):
    browser.sign_in()
    add_account(staffed, "sato")
    with staffed.engine.begin() as connection:
        (held,) = connection.execute(select(tables.sessions)).mappings().all()
        forged = dict(held) | {"token_sha256": sha256(b"forged"), "account": "sato"}
        connection.execute(insert(tables.sessions).values(forged))
    stranger = Browser(staffed)
    stranger.cookies.set("session", "forged")
    assert stranger.ask("/account").status_code == 503
    assert browser.ask("/account").status_code == 200


def test_tokens_of_sessions_lie_nowhere(browser, staffed):
    browser.sign_in()
    held = b"".join(path.read_bytes() for path in staffed.path.rglob("*") if path.is_file())
    assert browser.token().encode() not in held
    assert browser.secrets[FIRST].encode() not in held
    assert PASSWORD.encode() not in held


@pytest.mark.parametrize("path", ["/sign-in", "/set-up", "/set-up/sato", "/sign-in?to=%22%3E%3Cscript%3E"])
def test_pages_before_signing_in_show_nothing_of_what_is_held(browser, path):
    page = browser.ask(path)
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert FIRST not in page.text
    assert page.headers["cache-control"] == "no-store"


def test_what_is_too_large_is_not_read(browser):
    assert browser.submit("/sign-in", name="x", password="x" * 3_000_000).status_code == 413
    assert browser.submit("/sign-in", name="x" * 65, password=PASSWORD).status_code == 422
