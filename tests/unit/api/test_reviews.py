"""The pages of link review on a run small enough to check by eye: what waits, what is shown, and what is kept."""

import asyncio
import re
import shutil

import httpx
import pytest

from api.app import create_app
from api.links.marking import marked
from api.services import Services
from governance import register
from governance.access import Actor
from governance.alerts import AlertKind, list_alerts
from governance.policy import Action
from governance.reviews import list_reviews
from governance.runlog import Kind, entries
from governance.views import persons_of
from governance.views import views as looks
from governance.workspace import Workspace, current_user
from mimamori.serving_reviews import Reviews
from tests.unit.mimamori.explained_run import publish
from tests.unit.mimamori.small_run import approved_workspace
from vocabulary.texts import text

SETTINGS = "review_between = [0.000001, 0.999999]\n"
HANAKO, MOMOKO = "花子", "桃子"


@pytest.fixture(scope="module")
def linked(tmp_path_factory):
    """A workspace with one run, really linked, that asks about nearly every joining."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MIMAMORI_DATABASE", raising=False)
        opened = approved_workspace(tmp_path_factory.mktemp("reviews") / "workspace", SETTINGS)
        publish(opened)
    return opened.path


@pytest.fixture
def workspace(linked, tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    return Workspace.open(shutil.copytree(linked, tmp_path / "workspace"))


@pytest.fixture
def first(ask):
    """The address of the pair that waits first."""
    return re.search(r"/reviews/pairs/\d+/\d+", ask("/reviews").text)[0]


@pytest.fixture
def ask(workspace):
    """Asks the application of the workspace; posts where there is a form."""
    app = create_app(workspace, Services(link_reviews=Reviews(workspace)))

    def answer(path, form=None, **more):
        async def send():
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                if form is None and not more:
                    return await client.get(path)
                return await client.post(path, data=form, **more)

        return asyncio.run(send())

    return answer


def views(workspace):
    with workspace.reading() as connection:
        return entries(connection, kinds=[Kind.VIEW])


def test_the_queue_names_nobody_and_is_no_view_of_a_child(workspace, ask):
    page = ask("/reviews")
    assert page.status_code == 200
    assert re.findall(r"/reviews/pairs/(\d+)/(\d+)\?which=waiting\">[^<]*<", page.text)
    assert not any(name in page.text for name in (HANAKO, MOMOKO, "佐藤", "中村"))
    assert views(workspace) == []


def test_a_pair_is_in_the_log_before_it_is_shown(workspace, ask, first):
    page = ask(first)
    assert page.status_code == 200
    assert text("link_review.question", language="ja") in page.text
    left, right = map(int, first.split("/")[-2:])
    assert {"left": left, "right": right}.items() <= views(workspace)[0].content.items()
    assert "waterfall" in page.text


def test_the_entry_names_whose_records_are_shown(workspace, ask, first):
    for path in (first, f"/api/v1{first}"):
        shown = set(re.findall(r"/reviews/people/([\w-]+)", ask(first).text))
        before = len(views(workspace))
        ask(path)
        of_pair, of_evidence = views(workspace)[before:]
        for entry in (of_pair, of_evidence):
            assert set(persons_of(entry.content)) == shown
        for person in shown:
            assert of_pair.at in [one.at for one in looks(workspace, person_id=person)]


def test_many_pairs_in_a_day_are_told_like_many_children(workspace, ask):
    object.__setattr__(workspace.settings.access, "views_per_day", 2)
    pairs = list(dict.fromkeys(re.findall(r"/reviews/pairs/\d+/\d+", ask("/reviews").text)))
    ask(pairs[0])
    assert list_alerts(workspace) == []
    for path in pairs[1:]:
        ask(path)
    (alert,) = list_alerts(workspace)
    assert alert.kind is AlertKind.MANY_VIEWS


def test_who_may_not_explain_links_is_shown_no_evidence(workspace, ask, first, monkeypatch):
    whole = ask(f"/api/v1{first}").json()
    assert whole["said"]
    assert whole["readings"]
    narrowed = Actor(current_user(), None, actions=frozenset({Action.REVIEW_LINKS}))
    monkeypatch.setattr("api.frame.permission.signed_in", lambda request: narrowed)
    before = len(views(workspace))
    less = ask(f"/api/v1{first}").json()
    assert less == whole | {"said": [], "readings": []}
    assert len(views(workspace)) == before + 1
    assert ask(f"/api/v1/reviews/people/{whole['persons'][0]}").status_code == 403


def test_without_a_log_nothing_is_shown(ask, first, monkeypatch):
    person = re.search(r"/reviews/people/[^\"]+", ask(first).text)[0]

    def fail(*_, **__):
        raise OSError("disk")

    monkeypatch.setattr(Workspace, "writing", fail)
    for path in (first, person, f"/api/v1{first}", f"/api/v1{person}"):
        answer = ask(path)
        assert answer.status_code == 503
        assert not any(shown in answer.text for shown in (HANAKO, MOMOKO, "<table", "fields", "groups"))


def test_a_childs_records_are_a_graph_with_its_table(workspace, ask, first):
    person = re.search(r"/reviews/people/[^\"]+", ask(first).text)[0]
    page = ask(person)
    assert page.status_code == 200
    assert page.text.count('class="node"') >= 1
    assert views(workspace)[-1].content["person"] == person.rpartition("/")[2]
    assert ask("/reviews/people/nobody").status_code == 409


def test_a_verdict_is_kept_and_the_next_pair_follows(workspace, ask, first):
    answer = ask(first, {"verdict": "same", "reason": "生年月日と保護者が同じ"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/reviews/pairs/")
    (kept,) = list_reviews(workspace)
    assert (kept.verdict.value, kept.reason) == ("same", "生年月日と保護者が同じ")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"verdict": "same", "reason": " "}, "review.reason_blank"),
        ({"reason": "書いたこと"}, "link_review.verdict_missing"),
    ],
)
def test_what_cannot_be_kept_is_said_and_what_was_written_stays(workspace, ask, first, form, said):
    answer = ask(first, form)
    assert answer.status_code == 422
    assert text(said, language="ja") in answer.text
    assert form["reason"].strip() in answer.text
    assert list_reviews(workspace) == []


def test_a_reason_is_only_ever_text(ask, first):
    answer = ask(first, {"reason": "<script>alert(1)</script>"})
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_a_decision_is_taken_back_with_a_reason(workspace, ask, first):
    ask(first, {"verdict": "different", "reason": "別の学校"})
    (kept,) = list_reviews(workspace)
    assert kept.id in ask("/reviews/decided").text
    assert ask(f"/reviews/decided/{kept.id}/undo", {"reason": "見間違い"}).status_code == 303
    assert [one.state.value for one in list_reviews(workspace)] == ["undone"]


def test_a_sample_hides_what_was_computed(ask):
    ask("/reviews/sample", {"persons": "5", "offers": "2"})
    page = ask("/reviews?which=sample")
    assert page.status_code == 200
    assert text("link_review.probability", language="ja") not in page.text
    pair = re.search(r"/reviews/pairs/\d+/\d+\?which=sample", page.text)[0]
    assert "waterfall" not in ask(pair.replace("&amp;", "&")).text


def test_programs_are_answered_alike(workspace, ask):
    queue = ask("/api/v1/reviews").json()
    left, right = queue["rows"][0]["left"], queue["rows"][0]["right"]
    pair = ask(f"/api/v1/reviews/pairs/{left}/{right}").json()
    assert {field["name"] for field in pair["fields"]} >= {"birth_date"}
    made = ask(f"/api/v1/reviews/pairs/{left}/{right}", json={"verdict": "same", "reason": "同じ"})
    assert made.status_code == 201
    undone = ask(f"/api/v1/reviews/decided/{made.json()['id']}/undo", json={"reason": "やめる"})
    assert undone.json()["state"] == "undone"
    refused = ask(f"/api/v1/reviews/decided/{made.json()['id']}/undo", json={"reason": "もう一度"})
    assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")


@pytest.mark.parametrize("path", ["/reviews/pairs/99999999999/1", "/reviews/pairs/a/b", "/reviews?which=all"])
def test_what_cannot_be_read_is_a_page(ask, path):
    assert ask(path).status_code == 422


def test_only_characters_that_differ_are_marked():
    assert [run.text for run in marked("髙橋", ["高橋"]) if run.differs] == ["髙"]
    assert not any(run.differs for run in marked("０７０－１２３４", ["0701234"]))
    assert not any(run.differs for run in marked("佐藤", []))


def test_once_the_approval_is_revoked_no_name_is_shown(workspace, ask, first):
    person = re.search(r"/reviews/people/[^\"]+", ask(first).text)[0]
    register.revoke(workspace, "2026-03", reason="終了", actor="os:operator")
    for path in (first, person, f"/api/v1{first}"):
        answer = ask(path)
        assert answer.status_code == 403
        assert not any(name in answer.text for name in (HANAKO, MOMOKO, "中村"))
