"""A browser, and the dashboard of a copy of the shared run in which every role has an account."""

import shutil

import pytest
from playwright.sync_api import sync_playwright

from governance.workspace import Workspace
from mimamori.demo_accounts import largest_school
from tests.journey.browser.site import Site
from tests.journey.test_page import FLAGS, served
from tests.unit.api.swept import staff


@pytest.fixture(scope="module")  # as long as it is open, its event loop runs in this thread
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(ran, city, browser, tmp_path_factory):
    folder = shutil.copytree(ran.workspace, tmp_path_factory.mktemp("staffed") / "workspace")
    shutil.copytree(city / "delivery", folder / "deliveries" / "april")
    workspace = Workspace.open(folder)
    staff(workspace, school=largest_school(workspace, ran.run))
    with served(folder) as port:
        yield Site(browser, workspace, port)
    for context in browser.contexts:
        context.close()
