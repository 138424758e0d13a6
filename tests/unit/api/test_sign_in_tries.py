"""How often signing in may be tried: who is kept waiting, who is not, and what of it is logged."""

import pytest

from governance import sign_in_tries
from governance.runlog import Kind, entries
from governance.sign_in_tries import LIMITS, Counted
from tests.unit.api.sign_in_client import FIRST, Browser, add_account, browser, moved, staffed

__all__ = ["browser", "moved", "staffed"]

WRONG = "not-the-password-1"
FREE = LIMITS[Counted.PAIR].free


def fail(one, times, name=FIRST):
    return [one.by_password(name, WRONG).status_code for _ in range(times)]


def failures(workspace):
    with workspace.reading() as connection:
        return entries(connection, kinds=[Kind.SIGN_IN_FAILED])


def test_after_some_failures_one_has_to_wait_longer_each_time(browser, moved):
    assert fail(browser, FREE) == [401] * FREE
    waits = []
    for _ in range(8):
        answer = browser.by_password()
        assert answer.status_code == 429
        waits.append(int(answer.headers["retry-after"]))
        moved.forward(seconds=waits[-1])
        assert fail(browser, 1) == [401]
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]
    moved.forward(seconds=900)
    assert browser.by_password().status_code == 303


def test_a_right_password_is_refused_while_one_waits_and_costs_nothing(browser, monkeypatch):
    fail(browser, FREE)
    monkeypatch.setattr("governance.sign_ins.authenticate", lambda *_: pytest.fail("compared"))
    assert browser.by_password().status_code == 429


def test_waiting_is_counted_for_all_processes_together(browser, staffed):
    others = [Browser(staffed) for _ in range(FREE)]
    assert [fail(one, 1) for one in others] == [[401]] * FREE
    assert browser.by_password().status_code == 429


def test_failures_from_elsewhere_do_not_keep_the_account_s_own_browser_out(browser, staffed, moved):
    browser.sign_in()
    browser.submit("/sign-out")
    for number in range(40):
        fail(Browser(staffed, application=browser.application, address=f"198.51.100.{number}"), 1)
    fail(Browser(staffed, application=browser.application), FREE + 1)  # from the very same address
    moved.forward(seconds=1)
    assert Browser(staffed, application=browser.application, address="203.0.113.9").by_password().status_code == 429
    assert browser.by_password().status_code == 303


def test_the_account_s_own_browser_has_to_wait_for_its_own_failures(browser):
    browser.sign_in()
    browser.submit("/sign-out")
    assert fail(browser, FREE + 1) == [401] * FREE + [429]


def test_a_browser_that_one_account_used_is_not_known_to_another(browser, staffed):
    add_account(staffed, "sato")
    browser.sign_in()
    browser.submit("/sign-out")
    stranger = Browser(staffed, application=browser.application)
    fail(stranger, FREE, "sato")
    assert browser.by_password("sato").status_code == 429


def test_many_names_from_one_address_are_slowed_down_and_others_are_not(browser, staffed):
    limit = LIMITS[Counted.ADDRESS].free
    assert {browser.by_password(f"name{number}", WRONG).status_code for number in range(limit)} == {401}
    assert browser.by_password("another", WRONG).status_code == 429
    elsewhere = Browser(staffed, application=browser.application, address="203.0.113.9")
    assert elsewhere.by_password().status_code == 303


def test_somebody_who_tries_from_many_addresses_is_slowed_down_a_minute_at_most(browser, staffed, moved):
    for number in range(LIMITS[Counted.ACCOUNT].free):
        fail(Browser(staffed, application=browser.application, address=f"198.51.100.{number}"), 1)
    anywhere = Browser(staffed, application=browser.application, address="203.0.113.9")
    assert anywhere.by_password().status_code == 429
    moved.forward(seconds=60)
    assert anywhere.by_password().status_code == 303


def test_names_that_no_account_has_wait_alike(browser, staffed):
    assert fail(browser, FREE + 1, "nobody") == fail(browser, FREE + 1, FIRST)


@pytest.mark.parametrize(
    ("one", "other", "together"), [("2001:db8::1", "2001:db8::ffff", True), ("2001:db8::1", "2001:db8:0:1::1", False)]
)
def test_addresses_of_one_ipv6_network_count_together(browser, staffed, one, other, together):
    fail(Browser(staffed, application=browser.application, address=one), FREE)
    answer = Browser(staffed, application=browser.application, address=other).by_password()
    assert (answer.status_code == 429) is together


def test_codes_are_counted_too(browser, staffed, moved):
    browser.sign_in()
    moved.forward(minutes=1)
    one = Browser(staffed, application=browser.application, address="203.0.113.9")
    one.by_password()
    codes = [one.by_code(code=f"{number:06}").status_code for number in range(FREE)]
    assert codes == [401] * FREE
    assert one.by_code(code=browser.code()).status_code == 429


def test_set_up_tokens_are_counted_too(browser, staffed):
    from governance import accounts
    from governance.account_state import Role

    made = accounts.add(staffed, "sato", Role.ANALYST, actor=FIRST)
    good = {"name": "sato", "password": "kawa-yama-9-tegami", "again": "kawa-yama-9-tegami"}
    wrong = [browser.submit("/set-up", token="x" * 32, **good).status_code for _ in range(FREE)]
    assert wrong == [422] * FREE
    assert browser.submit("/set-up", token=made.token, **good).status_code == 429


def test_failures_are_logged_together_and_what_was_typed_is_not(browser, staffed, moved):
    fail(browser, 2)
    browser.by_password("hunter2-my-password", WRONG)
    (first, unknown) = failures(staffed)
    assert (first.subject, first.content["failures"]) == (FIRST, 1)
    assert (unknown.subject, unknown.content["failures"]) == ("unknown", 1)
    moved.forward(minutes=11)
    fail(browser, 1)
    assert failures(staffed)[-1].content["failures"] == 2
    with staffed.engine.begin() as connection:
        bodies = connection.exec_driver_sql("select actor, subject, body from log_entries").fetchall()
    assert "hunter2" not in repr(bodies)


def test_a_flood_leaves_few_entries_in_the_log(browser, staffed, moved):
    before = len(failures(staffed))
    for number in range(200):
        moved.forward(milliseconds=50)
        Browser(staffed, application=browser.application, address=f"198.51.{number}.1").by_password(FIRST, WRONG)
    assert len(failures(staffed)) - before <= 3
    waits = [one.content["waits"] for one in failures(staffed)]
    assert ["account"] in waits


def test_the_owner_is_told_of_failures(browser, staffed, moved):
    browser.sign_in()
    fail(Browser(staffed, application=browser.application, address="203.0.113.9"), 3)
    moved.forward(minutes=1)
    browser.submit("/sign-out")
    browser.sign_in()
    assert "3回" in browser.ask("/account").text


def test_counts_are_forgotten_after_an_hour(browser, staffed, moved):
    fail(browser, FREE)
    moved.forward(hours=1, seconds=1)
    assert fail(browser, 1) == [401]
    with staffed.reading() as connection:
        rows = connection.execute(sign_in_tries.tables.sign_in_tries.select()).all()
    assert {row.failures for row in rows} == {1}


def test_a_try_is_counted_before_the_password_is_compared(browser, staffed, monkeypatch):
    """So that many at once are no way round."""
    seen = []

    def compare(*_):
        with staffed.reading() as connection:
            seen.append(max(row.failures for row in connection.execute(sign_in_tries.tables.sign_in_tries.select())))

    monkeypatch.setattr("governance.sign_ins.authenticate", compare)
    fail(browser, 2)
    assert seen == [1, 2]
