"""The dashboard in a real browser: reachable by everybody, without script, by keyboard, and never with a name."""

import http.client
import json
import re
import signal
import socket
import sqlite3
import subprocess
from contextlib import closing, contextmanager

import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests.journey.conftest import COMMAND, environment, new_workspace, read_text
from vocabulary.texts import catalogue

pytestmark = pytest.mark.slow

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 360, "height": 740}}
NAMING = [
    "family_name",
    "given_name",
    "family_kana",
    "given_kana",
    "address",
    "guardian_name",
    "guardian_kana",
    "phone",
]


def free_port():
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def served(workspace):
    """The dashboard of a workspace, by the command; its port."""
    port = free_port()
    command = [COMMAND, "serve", "--port", str(port), "--workspace", workspace]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as server:
        try:
            assert str(port) in server.stdout.readline().decode()
            yield port
        finally:
            server.terminate()
            server.communicate(timeout=30)


def ask(port, path, host=None):
    """Status, headers and body of one request."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path, headers={} if host is None else {"Host": host})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()


@pytest.fixture(scope="module")
def port(ran):
    with served(ran.workspace) as port:
        yield port


@pytest.fixture(scope="module")
def empty_port(tmp_path_factory):
    with served(new_workspace(tmp_path_factory.mktemp("empty") / "workspace")) as port:
        yield port


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser):
    """Opens a page in a context of its own."""
    contexts = []

    def open_page(address, **settings):
        contexts.append(browser.new_context(**settings))
        page = contexts[-1].new_page()
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()


def address(port, path):
    return f"http://127.0.0.1:{port}{path}"


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_accessible(port, empty_port, opened, language, scheme, width):
    settings = {"color_scheme": scheme, "viewport": WIDTHS[width]}
    for base, path in ((port, "/flags?"), (port, "/nothing-here?"), (port, "/flags?year=x&"), (empty_port, "/flags?")):
        page = opened(address(base, f"{path}lang={language}"), **settings)
        for details in page.locator("details").all():
            details.evaluate("one => one.open = true")
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
        assert page.evaluate("document.documentElement.lang") == language
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than its window"


def test_the_list_is_used_by_keyboard_alone(port, opened):
    page = opened(address(port, "/"))
    focused = []
    for _ in range(40):
        page.keyboard.press("Tab")
        focused.append(page.evaluate("document.activeElement.tagName + (document.activeElement.name || '')"))
    filters = ["year", "kind", "judgement", "school", "grade", "hands", "supported", "sort"]
    expected = ["A", "BUTTONlang", *(f"SELECT{name}" for name in filters), "INPUTq", "BUTTON", "INPUTperson_id"]
    assert [focused.index(one) for one in expected[1:]] == sorted(focused.index(one) for one in expected[1:])
    assert focused[0] == "A"
    page.locator(".help summary").focus()
    page.keyboard.press("Enter")
    assert page.locator(".help").evaluate("one => one.open")
    page.locator("select[name=year]").focus()
    page.keyboard.press("ArrowDown")
    page.locator("form.filters button").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("year=20"))
    assert page.locator("tbody tr").count() > 0
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_the_list_needs_no_script(port, opened):
    page = opened(address(port, "/flags"), java_script_enabled=False)
    first = page.locator("tbody th code").first.inner_text()
    assert page.locator(".reasons").first.locator("> ul li").count() <= 3
    page.locator(".help summary").click()
    assert page.locator(".help[open]").count() == 1
    page.locator(".language button").click()
    assert page.locator("h1").inner_text().startswith("Children to look at first")
    assert page.locator("tbody th code").first.inner_text() == first
    page.select_option("select[name=kind]", index=1)
    page.locator("form.filters button").click()
    assert page.locator("h1").inner_text().startswith("Children to look at first")
    kinds = page.locator("tbody tr td:nth-child(4)").all_inner_texts()  # with the judgement below
    assert len({shown.splitlines()[0] for shown in kinds}) == 1


def test_nothing_is_loaded_from_elsewhere_and_nothing_is_refused(port, browser):
    context = browser.new_context()
    page = context.new_page()
    asked, refused = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: refused.append(message.text))
    page.goto(address(port, "/flags"))
    context.close()
    assert len(asked) >= 3
    assert all(one.startswith(address(port, "/")) for one in asked)
    assert refused == []


@pytest.mark.parametrize("path", ["/flags", "/", "/nothing-here", "/static/mimamori.css", "/flags?page=0"])
def test_every_answer_has_the_security_headers(port, path):
    _, headers, _ = ask(port, path)
    assert headers["content-security-policy"].startswith("default-src 'self'")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in headers


@pytest.mark.parametrize(
    "host", ["example.org", "example.org:80", "127.0.0.1.example.org", "localhost.example.org", ""]
)
def test_a_foreign_host_is_refused(port, host):
    status, _, body = ask(port, "/flags", host)
    assert status in (400, 421)
    assert "person_id" not in body
    assert "<table" not in body


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_this_machine_is_answered(port, host):
    assert ask(port, "/flags", f"{host}:{port}")[0] == 200


def views(workspace):
    with closing(sqlite3.connect(workspace / "mimamori.db")) as database:
        return database.execute("select subject, body from log_entries where kind = 'view' order by seq").fetchall()


def test_a_view_is_in_the_log(port, ran):
    before = views(ran.workspace)
    _, _, page = ask(port, "/flags")
    subject, body = views(ran.workspace)[-1]
    assert len(views(ran.workspace)) == len(before) + 1
    assert subject == ran.run
    assert json.loads(body)["rows"] == page.count('<tr role="row">') - 1 > 0


def test_what_cannot_be_logged_is_not_shown(copy):
    with served(copy.workspace) as port:
        assert ask(port, "/flags")[0] == 200
        with closing(sqlite3.connect(copy.workspace / "mimamori.db")) as database:
            database.execute(
                "create trigger full before insert on log_entries begin select raise(abort, 'disk is full'); end"
            )
            database.commit()
        status, headers, body = ask(port, "/flags?lang=en")
        assert status == 503
        assert "nothing is shown" in body
        assert "<table" not in body
        assert "content-security-policy" in headers


def test_the_dashboard_ends_by_an_interrupt(ran):
    port = free_port()
    command = [COMMAND, "serve", "--port", str(port), "--workspace", ran.workspace]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as server:
        server.stdout.readline()
        assert ask(port, "/flags")[0] == 200
        server.send_signal(signal.SIGINT)
        _, said = server.communicate(timeout=30)
    assert (server.returncode, said.decode()) == (0, "Dashboard stopped.\n")


def test_an_altered_run_is_not_shown(copy):
    run = copy.workspace / "runs" / copy.run
    (run / "flags.parquet").write_bytes((run / "persons.parquet").read_bytes())
    with served(copy.workspace) as port:
        status, _, body = ask(port, "/flags?lang=en")
    assert status == 503
    assert "runs verify" in body
    assert "<table" not in body


def test_no_name_is_on_any_page(port, city):
    years = re.findall(r'<option value="(\d{4})"', ask(port, "/flags")[2])
    pages = [ask(port, f"/flags?lang={language}&year={year}")[2] for language in ("ja", "en") for year in years]
    assert len(pages) >= 10
    delivered = [read_text(city / "delivery" / f"{source}.csv") for source in ("welfare", "school", "health")]
    naming = [frame.select("local_id", "birth_date", *NAMING) for frame in delivered]
    whole = pl.concat(frame.select(pl.concat_str("family_name", "given_name")).to_series() for frame in naming)
    parts = pl.concat(column for frame in naming for column in frame)
    words = "".join(said for languages in catalogue().values() for said in languages.values())  # 一人 is a name too
    names = {name for name in pl.concat([whole, parts]).drop_nulls().unique() if len(name) > 1 and name not in words}
    assert len(names) > 1000
    shown = "\n".join(pages)
    assert {name for name in names if name in shown} == set()
