"""Papers as PDF: tagged, readable, the same bytes again, and nothing fetched."""

import re
import socket
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner
from weasyprint.urls import FatalURLFetchingError

from mimamori.cli import app
from mimamori.papers.paper import Paper, Section, Table, rendered, write_paper
from mimamori.papers.pdf import as_pdf
from tests.unit.mimamori.pdf_reader import objects, text
from tests.unit.mimamori.small_run import approved_workspace
from vocabulary.texts import LANGUAGES

SAID = "高橋﨑子さんの記録は、書き換えられていません。"
TABLE = Table("件数の表", ["こと", "件数"], [("閲覧", 12), ("拒否", 3)], numbers=[1])
PAPER = Paper("ja", "審議会への報告", ["2026-04-01から。"], [Section("閲覧", [SAID], [TABLE])])


def test_a_pdf_is_tagged_and_names_its_language_and_title():
    plain = objects(as_pdf(rendered(PAPER)))
    assert b"/StructTreeRoot" in plain
    assert b"/Lang (ja)" in plain
    assert b"/Marked true" in plain
    assert b"/DisplayDocTitle true" in plain
    assert re.search(rb"pdfuaid:part(=\"|>)1", plain)
    assert all(re.search(rb"/S ?/%s\b" % tag, plain) for tag in (b"H1", b"H2", b"P", b"Table", b"TH", b"TD"))
    assert b"/Headers" in plain  # cells name their headers


def test_the_japanese_text_can_be_taken_out():
    said = text(as_pdf(rendered(PAPER)))
    assert SAID in said
    assert "審議会への報告" in said
    assert all(word in said for word in ("件数の表", "閲覧", "12"))


def test_a_japanese_font_goes_with_it():
    assert re.search(rb"/FontName ?/\w+\+IPA\w*Gothic", objects(as_pdf(rendered(PAPER))))


def test_the_same_paper_gives_the_same_bytes(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(rendered(PAPER), encoding="utf-8")
    program = "import sys, pathlib; from mimamori.papers.pdf import as_pdf; "
    program += "sys.stdout.buffer.write(as_pdf(pathlib.Path(sys.argv[1]).read_text('utf-8')))"
    made = [
        subprocess.run(
            [sys.executable, "-c", program, page], capture_output=True, check=True, env={"PYTHONHASHSEED": s}
        )
        for s in ("1", "2")
    ]
    assert made[0].stdout == made[1].stdout == as_pdf(rendered(PAPER))
    assert made[0].stdout.startswith(b"%PDF-")


@pytest.mark.parametrize(
    "asks",
    [
        '<img src="http://192.0.2.1/picture.png" alt="">',
        '<img src="file:///etc/hostname" alt="">',
        '<link rel="stylesheet" href="http://192.0.2.1/style.css">',
        "<style>@font-face { font-family: x; src: url(http://192.0.2.1/font.ttf) }</style>",
        '<style>p { background: url("http://192.0.2.1/x.png") }</style>',
        '<style>@import "http://192.0.2.1/style.css";</style>',
    ],
)
def test_what_a_page_asks_for_is_not_fetched(asks, monkeypatch):
    asked = []
    monkeypatch.setattr(socket.socket, "connect", lambda *to: asked.append(to))
    with pytest.raises(FatalURLFetchingError):
        as_pdf(f'<!doctype html><html lang="ja"><head><title>x</title></head><body><p>x</p>{asks}</body></html>')
    assert asked == []


def test_values_are_text_in_a_pdf_too(tmp_path):
    table = Table("x", ["x"], [('<img src="http://192.0.2.1/x.png">',)])
    file = write_paper(Paper("ja", "x", [], [Section("x", [], [table])]), tmp_path / "x.pdf")
    assert '<img src="http://192.0.2.1/x.png">' in text(file.read_bytes())


def test_papers_are_written_as_pdf_where_asked_for(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    workspace, out = approved_workspace(tmp_path / "city"), tmp_path / "papers"
    today = date.today().isoformat()
    for arguments in (["variables"], ["council", "--from", today, "--to", today]):
        done = CliRunner().invoke(
            app, ["papers", *arguments, "--pdf", "--out", str(out), "--workspace", str(workspace.path)]
        )
        assert done.exit_code == 0, done.exception
    assert {file.name for file in out.iterdir()} == {
        f"{name}.{language}.{form}"
        for name in ("variables", "council")
        for language in LANGUAGES
        for form in ("html", "pdf")
    }
    assert all(file.stat().st_mode & 0o077 == 0 for file in out.iterdir())
    assert "就学援助" in text(Path(out / "variables.ja.pdf").read_bytes())
