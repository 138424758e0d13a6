"""The dashboard as its users meet it: served by the command, opened in a browser by an account of each role."""

from dataclasses import dataclass

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from governance import sessions
from governance.sessions import Stage
from governance.workspace import Workspace

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
MOST_KEYS = 300
"""Presses of the tab key after which something counts as not reachable."""

MATCHES = "(one, wanted) => one.matches(wanted)"
SEEN = """one => {
  const box = one.getBoundingClientRect();
  const within = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  return within && (getComputedStyle(one).outlineStyle !== 'none' || one.matches('main, body'));
}"""
"""Whether some of an element is in the window, and it is marked as having the focus (WCAG 2.4.7, 2.4.11)."""


@dataclass(frozen=True)
class Site:
    """A served workspace."""

    browser: Browser
    workspace: Workspace
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def context(self, name: str | None = None, language: str = "en", **settings) -> BrowserContext:
        """A browser of its own; signed in where an account is named."""
        context = self.browser.new_context(base_url=self.address, **settings)
        cookies = {"lang": language}
        if name is not None:
            with self.workspace.writing() as connection:
                cookies["session"] = sessions.begin(
                    self.workspace, connection, name, Stage.WHOLE, address="127.0.0.1", browser="test"
                )
        context.add_cookies([{"name": key, "value": value, "url": self.address} for key, value in cookies.items()])
        return context

    def page(self, name: str | None, path: str, **settings) -> Page:
        page = self.context(name, **settings).new_page()
        page.goto(path)
        return page


def tab_to(page: Page, wanted: str) -> None:
    """Press the tab key until an element that the selector names has the focus; on the way each can be seen."""
    for _ in range(MOST_KEYS):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() == 0:
            continue  # past the last element, in the browser's own frame
        assert focused.evaluate(SEEN), f"the focus is not seen: {focused.evaluate('one => one.outerHTML')[:200]}"
        if focused.evaluate(MATCHES, wanted):
            return
    raise AssertionError(f"not reached by the tab key on {page.url}: {wanted}")


def type_into(page: Page, wanted: str, words: str) -> None:
    tab_to(page, wanted)
    page.keyboard.type(words)


def press(page: Page, wanted: str, key: str = "Enter") -> None:
    """Go to an element by keyboard and press a key on it that opens another page."""
    tab_to(page, wanted)
    with page.expect_navigation():
        page.keyboard.press(key)


def faults(page: Page) -> str:
    """What axe finds wrong with a page whose folded parts stand open; nothing where all is well."""
    page.wait_for_load_state("load")  # styles included
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    return str(found.generate_report()) if found.violations_count else ""
