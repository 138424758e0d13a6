"""What pages of signing in have to be like by OWASP ASVS 5.0, beyond what the other tests show."""

import re

import pytest

from governance import accounts
from governance.account_state import Role
from tests.unit.api.sign_in_client import FIRST, PASSWORD, browser, moved, staffed

__all__ = ["browser", "moved", "staffed"]


@pytest.mark.parametrize("path", ["/sign-in", "/set-up", "/account/password", "/account/second-factor"])
def test_fields_of_passwords_mask_and_help_password_managers(browser, path):
    if path.startswith("/account"):
        browser.sign_in()
    fields = re.findall(r'<input [^>]*name="(?:password|old|new|again)"[^>]*>', browser.ask(path).text)
    assert fields
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
        assert "onpaste" not in field
        assert "maxlength" not in field


def test_a_long_password_is_taken_whole(browser, staffed):
    password = " ".join(f"kotoba-{number}" for number in range(28))[:255] + "Z"
    assert len(password) == 256
    token = accounts.add(staffed, "sato", Role.ANALYST, actor=FIRST).token
    answer = browser.submit("/set-up", name="sato", token=token, password=password, again=password)
    assert answer.status_code == 200
    assert browser.by_password("sato", password[:-1] + "z").status_code == 401
    assert browser.by_password("sato", password).status_code == 303


def test_a_password_holds_for_years(browser, moved):
    browser.sign_in()
    moved.forward(days=3 * 365)
    assert browser.by_password(FIRST, PASSWORD).status_code == 303


@pytest.mark.parametrize("path", ["/account", "/accounts", "/account/password", "/account/tokens"])
def test_signing_out_is_on_every_page(browser, path):
    browser.sign_in()
    assert 'action="/sign-out"' in browser.ask(path).text
