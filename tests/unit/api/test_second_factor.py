"""The second factor: set on the first way in, each code taken once, set anew by its owner, ended by an invitation."""

import re

import pyotp
import pytest

from governance import accounts, clock, second_factors, tables
from governance.runlog import Kind, entries
from governance.verify import verify
from tests.unit.api.sign_in_client import ANOTHER, FIRST, PASSWORD, Browser, browser, moved, staffed
from vocabulary.errors import IntegrityError

__all__ = ["browser", "moved", "staffed"]

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # of RFC 6238, appendix B


@pytest.mark.parametrize(
    ("second", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_rfc(moved, second, code):
    moved.time = moved.time.fromtimestamp(second, tz=moved.time.tzinfo)
    assert second_factors.step_of(RFC_SECRET, code) == second // 30


@pytest.mark.parametrize(("drift", "taken"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_a_clock_may_be_one_step_away(moved, drift, taken):
    moved.time = moved.time.replace(second=0)
    code = pyotp.TOTP(RFC_SECRET).at(int(moved.time.timestamp()) + drift)
    assert (second_factors.step_of(RFC_SECRET, code) is not None) is taken


@pytest.mark.parametrize("code", ["", "28708", "2870822", "٢٨٧٠٨٢", "abcdef", "0x1234", " 28708", "-12345"])
def test_what_is_no_code_is_refused(moved, code):
    moved.time = moved.time.fromtimestamp(59, tz=moved.time.tzinfo)
    assert second_factors.step_of(RFC_SECRET, code) is None


def test_digits_typed_by_a_japanese_keyboard_count(moved):
    moved.time = moved.time.fromtimestamp(59, tz=moved.time.tzinfo)
    assert second_factors.step_of(RFC_SECRET, "２８７　０８２") == 1


def test_it_is_set_on_the_first_way_in_and_asked_for_on_the_next(browser, staffed, moved):
    browser.by_password()
    page = browser.ask("/sign-in/second").text
    assert "<svg" in page
    assert "style=" not in page
    assert "data:" not in page
    browser.sign_in()
    moved.forward(minutes=1)
    again = Browser(staffed)
    again.by_password()
    page = again.ask("/sign-in/second").text
    assert "<svg" not in page
    assert not re.search(r"[A-Z2-7]{4} [A-Z2-7]{4}", page)


def test_a_code_is_taken_once(browser, staffed, moved):
    browser.sign_in()
    code = browser.code()
    again = Browser(staffed)
    again.by_password()
    assert again.by_code(code=code).status_code == 401
    moved.forward(seconds=30)
    assert again.by_code(code=code).status_code == 401
    assert again.by_code(code=browser.code()).status_code == 303
    replayed = Browser(staffed)
    replayed.by_password()
    assert replayed.by_code(code=browser.code()).status_code == 401


def test_an_earlier_code_is_not_taken_after_a_later_one(browser, staffed, moved):
    browser.sign_in()
    moved.forward(minutes=5)
    early = browser.code()
    moved.forward(seconds=30)
    one = Browser(staffed)
    one.by_password()
    assert one.by_code(code=browser.code()).status_code == 303
    other = Browser(staffed)
    other.by_password()
    assert other.by_code(code=early).status_code == 401


def test_half_the_way_of_one_account_is_not_that_of_another(browser, staffed, moved):
    """A code of one's own second factor does not end the way that began with another's password."""
    from tests.unit.api.sign_in_client import add_account

    add_account(staffed, "sato")
    browser.sign_in()
    one = Browser(staffed)
    one.secrets = browser.secrets
    one.sign_in("sato")
    moved.forward(minutes=1)
    mixed = Browser(staffed)
    mixed.by_password(FIRST)
    assert mixed.by_code(code=pyotp.TOTP(one.secrets["sato"]).at(clock.now())).status_code == 401


def test_it_is_set_anew_by_password_and_code_and_ends_other_sessions(browser, staffed, moved):
    browser.sign_in()
    moved.forward(minutes=1)
    other = Browser(staffed)
    other.secrets = browser.secrets
    other.sign_in()
    moved.forward(minutes=1)
    refused = browser.submit("/account/second-factor", password="x" * 14, code=browser.code())
    assert refused.status_code == 422
    moved.forward(minutes=1)
    assert browser.submit("/account/second-factor", password=PASSWORD, code=browser.code()).status_code == 303
    page = browser.ask("/account/second-factor/new").text
    browser.secrets[FIRST] = re.search(r"<code>([A-Z2-7 ]{39})</code>", page)[1].replace(" ", "")
    assert browser.submit("/account/second-factor/new", code="000000").status_code == 422
    answer = browser.submit("/account/second-factor/new", code=browser.code())
    assert answer.headers["location"] == "/account?done=second_factor"
    assert browser.ask("/account").status_code == 200
    assert other.ask("/account").status_code == 303
    moved.forward(minutes=1)
    assert Browser(staffed, application=browser.application).by_password().status_code == 303


def test_no_other_second_factor_is_set_without_asking_again(browser):
    browser.sign_in()
    assert browser.ask("/account/second-factor/new").headers["location"] == "/account/second-factor"
    assert browser.submit("/account/second-factor/new", code="123456").headers["location"] == "/account/second-factor"


def test_an_invitation_ends_it(browser, staffed, moved):
    from tests.unit.api.sign_in_client import add_account

    add_account(staffed, "sato")
    one = Browser(staffed)
    one.sign_in("sato")
    token = accounts.invite(staffed, "sato", actor=FIRST).token
    accounts.set_password(staffed, "sato", token, ANOTHER)
    moved.forward(minutes=1)
    anew = Browser(staffed)
    anew.by_password("sato", ANOTHER)
    assert anew.by_code(code=pyotp.TOTP(one.secrets["sato"]).at(clock.now())).status_code == 401
    assert "<svg" in anew.ask("/sign-in/second").text


@pytest.mark.parametrize("statement", ["delete from second_factors", "update second_factors set secret = 'x'"])
def test_one_that_was_edited_or_removed_lets_nobody_in_and_is_found(browser, staffed, moved, statement):
    browser.sign_in()
    moved.forward(minutes=1)
    with staffed.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    one = Browser(staffed)
    assert one.by_password().status_code == 303
    assert one.ask("/sign-in/second").status_code == 503
    assert one.by_code(code=browser.code()).status_code == 503
    assert ["second_factors" in str(one) for one in verify(staffed).findings] == [True]
    with staffed.reading() as connection, pytest.raises(IntegrityError):
        second_factors.is_set(connection, FIRST)


def test_that_it_was_set_is_in_the_log_without_the_secret(browser, staffed):
    browser.sign_in()
    with staffed.reading() as connection:
        (entry,) = entries(connection, kinds=[Kind.SECOND_FACTOR_SET])
    assert entry.subject == FIRST
    assert set(entry.content) == {"row_sha256"}
    with staffed.reading() as connection:
        (row,) = connection.execute(tables.second_factors.select()).mappings()
    assert browser.secrets[FIRST] not in row["secret"]
