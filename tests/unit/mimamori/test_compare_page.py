"""The page that compares two runs: who is told person ids, who statistics only, and what is in the log."""

import pytest

from api.services import Services
from governance.runlog import Kind, entries
from mimamori.serving_runs import Operations
from tests.unit.api.operating_run import ANALYST, COUNCIL, OPERATOR, Client
from tests.unit.mimamori.small_run import approved_workspace
from tests.unit.mimamori.two_runs import EARLIER, LATER, publish_run


@pytest.fixture
def client(tmp_path, monkeypatch):
    workspace = approved_workspace(tmp_path / "w")
    made = Client(workspace, monkeypatch)
    made.app.state.services = Services(operating=Operations(workspace))
    return made


def views(client):
    with client.workspace.reading() as connection:
        return [entry.content for entry in entries(connection, kinds=[Kind.VIEW])]


def test_an_operator_is_told_person_ids_and_the_log_says_so(client):
    earlier, later = publish_run(client.workspace, EARLIER), publish_run(client.workspace, LATER)
    page = client.ask(OPERATOR, "/runs/compare?lang=en").text
    assert "<code>p-e</code>" in page
    assert "merged" in page
    assert views(client) == [{"page": "compare", "with": earlier, "rows": 4}]
    told = client.ask(OPERATOR, f"/api/v1/comparisons/{later}/{earlier}?rows=1&page=2").json()
    assert (told["earlier"], told["total"]) == (earlier, 4)
    assert [child["person_id"] for child in told["children"]] == ["p-a"]


@pytest.mark.parametrize("actor", [ANALYST, COUNCIL])
def test_others_are_told_statistics_and_no_child(client, actor):
    earlier, later = publish_run(client.workspace, EARLIER), publish_run(client.workspace, LATER)
    page = client.ask(actor, f"/runs/compare?a={earlier}&b={later}&lang=en").text
    assert "p-" not in page.partition("<h1>")[2].partition("<details")[0].replace("p-label", "")
    assert "counts below 10 are hidden" in page
    told = client.ask(actor, f"/api/v1/comparisons/{earlier}/{later}").json()
    assert told["statistics_only"]
    assert told["children"] == told["events"] == []
    assert views(client) == []


def test_what_cannot_be_compared_is_said_in_words(client):
    assert "It takes two runs" in client.ask(OPERATOR, "/runs/compare?lang=en").text
    runs = [publish_run(client.workspace, told) for told in (EARLIER, LATER, LATER | {"events": []})]
    assert "same run twice" in client.ask(OPERATOR, f"/runs/compare?a={runs[0]}&b={runs[0]}&lang=en").text
    assert "the one before it" in client.ask(ANALYST, f"/runs/compare?a={runs[0]}&b={runs[2]}&lang=en").text
    assert client.ask(OPERATOR, f"/runs/compare?a={runs[0]}&b=nope").status_code == 404
    assert client.ask(ANALYST, f"/api/v1/comparisons/{runs[0]}/{runs[2]}").status_code == 400
