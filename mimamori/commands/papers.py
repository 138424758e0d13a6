"""`mimamori papers`: papers for the public and for the council, in Japanese and in English, from what is enforced."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from governance.actions import Action
from mimamori.accounts import opened_for
from mimamori.console import DEFAULT_WORKSPACE, AccountOption, JsonOption, WorkspaceOption, day, report
from mimamori.help import HelpCommand, HelpGroup
from vocabulary.errors import UsageError
from vocabulary.texts import LANGUAGES, text

if TYPE_CHECKING:
    from mimamori.papers.paper import Paper

app = typer.Typer(cls=HelpGroup, no_args_is_help=True)

OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help=text("paper.help_out"))]
PdfOption = Annotated[bool, typer.Option("--pdf", help=text("paper.help_pdf"))]
FilledOption = Annotated[Path | None, typer.Option("--filled", metavar="FILE", help=text("assessment.help_filled"))]


@app.command("variables", cls=HelpCommand, help=text("paper.command_variables"))
def variables(
    out: OutOption,
    pdf: PdfOption = False,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from mimamori.papers.variables import variables_paper

    opened, today = opened_for(workspace, account, Action.VIEW_PAPERS), date.today()
    papers = [variables_paper(opened, language, today=today) for language in LANGUAGES]
    _write(papers, "variables", out, pdf=pdf, as_json=as_json)


@app.command("council", cls=HelpCommand, help=text("paper.command_council"))
def council(
    since: Annotated[str, typer.Option("--from", metavar="DATE", help=text("paper.help_from"))],
    until: Annotated[str, typer.Option("--to", metavar="DATE", help=text("paper.help_to"))],
    out: OutOption,
    pdf: PdfOption = False,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from mimamori.papers.council import council_paper
    from mimamori.papers.council_period import read_period

    first, last = day(since), day(until)
    if first is None or last is None or first > last:
        raise UsageError("paper.period_reversed", since=since, until=until)
    period = read_period(opened_for(workspace, account, Action.VIEW_PAPERS), first, last)
    papers = [council_paper(period, language) for language in LANGUAGES]
    _write(papers, "council", out, pdf=pdf, as_json=as_json)


@app.command("assessment", cls=HelpCommand, help=text("assessment.command"))
def assessment(
    out: OutOption,
    filled: FilledOption = None,
    pdf: PdfOption = False,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from mimamori.papers.assessment import assessment_paper
    from mimamori.papers.assessment_basis import read_basis, read_filled

    said = read_filled(filled)
    basis = read_basis(opened_for(workspace, account, Action.VIEW_PAPERS), today=date.today(), filled=said)
    papers = [assessment_paper(basis, language) for language in LANGUAGES]
    _write(papers, "assessment", out, pdf=pdf, as_json=as_json)


@app.command("log", cls=HelpCommand, help=text("paper.command_log"))
def log(
    out: OutOption,
    pdf: PdfOption = False,
    account: AccountOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    from governance.public_page import public_page
    from mimamori.papers.public_log import public_log_paper

    page, today = public_page(opened_for(workspace, account, Action.VIEW_PAPERS)), date.today()
    papers = [public_log_paper(page, language, today=today) for language in LANGUAGES]
    _write(papers, "log", out, pdf=pdf, as_json=as_json)


def _write(papers: "list[Paper]", name: str, out: Path, *, pdf: bool, as_json: bool) -> None:
    """Write each paper as NAME.LANGUAGE.html, and as .pdf too where asked for."""
    from mimamori.papers.paper import write_paper

    if out.exists() and not out.is_dir():
        raise UsageError("paper.out_is_a_file", out=out)
    forms = ("html", "pdf") if pdf else ("html",)
    files = {
        form: {paper.language: str(write_paper(paper, out / f"{name}.{paper.language}.{form}")) for paper in papers}
        for form in forms
    }
    lines = [text("paper.written", file=file) for written in files.values() for file in written.values()]
    report(files["html"] | ({"pdf": files["pdf"]} if pdf else {}), lines, as_json=as_json)
