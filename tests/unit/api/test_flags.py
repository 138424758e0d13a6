"""The list: its years, kinds and pages, its reasons, and the entry of each view."""

import html
import re

import pytest

from api.frame.paging import page_numbers
from governance.runlog import Kind, entries
from vocabulary.texts import text


def ranks(page):
    return [int(rank) for rank in re.findall(r'class="number" data-label="[^"]*">(\d+)</td>', page)]


def views(workspace):
    with workspace.reading() as connection:
        return entries(connection, kinds=[Kind.VIEW])


def test_the_latest_year_is_shown_by_rank(workspace, ask):
    page = ask(workspace, "/flags").text
    assert "2025年度)" in page
    assert ranks(page) == list(range(1, 51))
    assert ranks(ask(workspace, "/flags?page=3").text) == list(range(101, 121))
    assert ranks(ask(workspace, "/flags?page=99").text) == list(range(101, 121))


def test_a_year_and_a_kind_are_chosen(workspace, ask):
    assert ranks(ask(workspace, "/flags?year=2024").text) == [1]
    assert ranks(ask(workspace, "/flags?kind=learning").text) == list(range(1, 100, 2))
    assert len(ranks(ask(workspace, "/flags?year=1900").text)) == 50
    assert ranks(ask(workspace, "/flags?kind=nonsense").text) == []


def test_some_reasons_are_on_the_list_and_all_on_the_page_of_the_flag(workspace, ask):
    page = ask(workspace, "/flags?lang=en").text
    assert "Reason 1" in page
    assert "Reason 2" not in page
    assert "3 more" in page
    assert all(f"Reason {n}" in ask(workspace, "/flags/p00003?lang=en").text for n in range(5))


@pytest.mark.parametrize(
    ("choice", "named"),
    [
        ("", ""),
        ("?kind=attendance&school=S2&hands=nobody", ": Attendance; S2; Nobody yet"),
        ("?kind=nonsense&grade=0&supported=0&q=p0", ": nonsense; Before school; Already supported None on record; p0"),
        ("?judgement=0&sort=school", ": None in what is recorded; Order School"),
    ],
)
def test_the_fold_of_the_filters_names_those_that_are_set(workspace, ask, choice, named):
    page = ask(workspace, f"/flags{choice}{'&' if choice else '?'}lang=en").text
    (summary,) = re.findall(r"<form class=\"filters folding\".*?<summary>(.*?)</summary>", page, re.DOTALL)
    assert html.unescape(summary) == f"Filters{named}"


def test_each_view_is_in_the_log_with_what_was_shown(workspace, ask):
    ask(workspace, "/flags?kind=learning&page=2")
    (entry,) = views(workspace)
    assert entry.content == {"page": "flags", "year": 2025, "choice": {"kind": "learning"}, "rows": 10}


@pytest.mark.parametrize("path", ["/flags", "/api/v1/flags"])
def test_a_search_for_one_child_is_a_look_at_that_child(workspace, ask, path):
    ask(workspace, f"{path}?q=p00003&kind=learning")
    ask(workspace, f"{path}?q=%20p00122%20")
    ask(workspace, f"{path}?q=p0000")
    ask(workspace, f"{path}?q=p0012")
    ask(workspace, f"{path}?q=p0012&held=1")
    ask(workspace, f"{path}?q=p00999")
    assert [entry.content for entry in views(workspace)] == [
        {"page": "flags", "person": "p00003", "year": 2025, "choice": {"kind": "learning"}, "rows": 1},
        {"page": "flags", "person": "p00122", "year": 2025, "choice": {}, "rows": 0},
        {"page": "flags", "year": 2025, "choice": {"q": "p0000"}, "rows": 9},
        {"page": "flags", "person": "p00120", "year": 2025, "choice": {}, "rows": 1},
        {"page": "flags", "year": 2025, "choice": {"q": "p0012", "held": "1"}, "rows": 2},
        {"page": "flags", "year": 2025, "choice": {"q": "p00999"}, "rows": 0},
    ]


def test_a_view_is_logged_before_the_page_is_made(workspace, ask, monkeypatch):
    def cannot(*_, **__):
        raise RuntimeError("not rendered")

    monkeypatch.setattr("api.children.flags.render", cannot)
    assert ask(workspace, "/flags").status_code == 503
    assert len(views(workspace)) == 1


def test_without_a_run_the_page_says_what_to_do(empty, ask):
    answer = ask(empty, "/flags")
    assert answer.status_code == 200
    assert "mimamori run" in answer.text
    assert views(empty) == []


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_run_without_flags_says_so_and_names_no_year(unflagged, ask, language):
    answer = ask(unflagged, f"/flags?lang={language}")
    assert answer.status_code == 200
    assert text("list.no_years", language=language) in answer.text
    assert "<select" not in answer.text
    assert text("list.fiscal_year", language=language, year=0) not in answer.text
    (entry,) = views(unflagged)
    assert entry.content == {"page": "flags", "year": None, "choice": {}, "rows": 0}


@pytest.mark.parametrize(
    ("current", "pages", "shown"),
    [
        (1, 1, [1]),
        (1, 4, [1, 2, 3, 4]),
        (1, 100, [1, 2, 3, None, 100]),
        (50, 100, [1, None, 48, 49, 50, 51, 52, None, 100]),
        (100, 100, [1, None, 98, 99, 100]),
    ],
)
def test_few_pages_are_linked_to(current, pages, shown):
    assert page_numbers(current, pages) == shown
