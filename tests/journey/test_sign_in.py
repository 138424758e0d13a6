"""Signing in as a visitor of the demo does: by the command's tokens, in a real browser, without script, by keyboard."""

import http.client
import json
import subprocess
from contextlib import closing

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests.journey.conftest import COMMAND, environment
from tests.journey.test_page import FLAGS, TAGS, WIDTHS, address, served

pytestmark = pytest.mark.slow

PASSWORD = "kumo-himawari-7-tsukue"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A demo with accounts: its folder, and the one-time token of each account."""
    folder = tmp_path_factory.mktemp("demo") / "workspace"
    command = [COMMAND, "demo", "--children", "60", "--accounts", "--no-serve", "--json", "--workspace", folder]
    made = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    return folder, {one["name"]: one["token"] for one in json.loads(made.stdout)["accounts"]}


@pytest.fixture(scope="module")
def port(demo):
    with served(demo[0]) as port:
        yield port


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


def ask(port, path, method="GET", headers=None):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()


def set_up(page, port, name, token):
    """Set a password by the token, and sign in with the second factor, by keyboard alone."""
    page.goto(address(port, f"/set-up/{name}"))
    page.locator("#token").focus()
    for words in (token, PASSWORD, PASSWORD):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#password").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    secret = page.locator("ol code").inner_text().replace(" ", "")
    assert page.locator("svg.qr").is_visible()
    page.locator("#code").focus()
    page.keyboard.type(pyotp.TOTP(secret).now())
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def faults(page):
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    return found.generate_report() if found.violations_count else ""


def test_without_a_session_nothing_of_a_child_is_shown(port):
    for path in ("/", "/flags", "/flags?lang=en", "/accounts"):
        status, headers, body = ask(port, path)
        assert status == 303
        assert headers["location"].startswith("/sign-in")
        assert body == ""


def test_a_visitor_tries_a_role_without_script_and_by_keyboard(demo, port, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    set_up(page, port, "support-1", demo[1]["support-1"])
    assert page.locator("h1").inner_text()
    assert page.locator(".account").inner_text().startswith("support-1")
    assert page.goto(address(port, "/accounts")).status == 403
    page.goto(address(port, "/account"))
    page.locator("form[action='/sign-out'] button").click()
    assert page.goto(address(port, "/flags")).url.endswith("/sign-in?to=%2Fflags")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_accounts_are_accessible(demo, port, browser, scheme):
    name = {"light": "council", "dark": "admin"}[scheme]
    context = browser.new_context(color_scheme=scheme, viewport=WIDTHS["desktop"])
    page = context.new_page()
    found = []
    for path in ("/sign-in", f"/set-up/{name}"):
        page.goto(address(port, f"{path}?lang=en"))
        found.append(faults(page))
    set_up(page, port, name, demo[1][name])
    paths = ["/account", "/account/password", "/account/second-factor", "/account/tokens", "/accounts"]
    for width in WIDTHS.values():
        page.set_viewport_size(width)
        for path in [*paths, *(["/accounts/one?name=school"] if name == "admin" else [])]:
            page.goto(address(port, path))
            found.append(faults(page))
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert [one for one in found if one] == []
    context.close()


def test_a_session_that_somebody_copied_ends_with_signing_out(demo, port, browser):
    context = browser.new_context()
    page = context.new_page()
    set_up(page, port, "analyst", demo[1]["analyst"])
    (held,) = [one["value"] for one in context.cookies() if one["name"] == "session"]
    assert ask(port, "/account", headers={"Cookie": f"session={held}"})[0] == 200
    page.goto(address(port, "/account"))
    page.locator("form[action='/sign-out'] button").click()
    assert ask(port, "/account", headers={"Cookie": f"session={held}"})[0] == 303
    page.go_back()
    assert page.locator(".account").count() == 0  # no page is kept by the browser
    context.close()
