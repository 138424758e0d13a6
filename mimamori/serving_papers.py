"""What the pages of council, data owners and analysts need of the rest of the system: statistics, quality, papers."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from api.oversight.oversight import Evaluated, ModelCard, Oversight
from api.oversight.oversight import Paper as PaperShown
from evaluation.evaluate import Evaluation
from evaluation.report import fairness_sentence
from governance import releases
from governance.digest import sha256_file
from governance.disclosure import THRESHOLD
from governance.public_page import public_page
from governance.releases import Release
from governance.runlog import Kind, entries
from governance.runs import read_artefact
from governance.workspace import Workspace
from mimamori import releasing, subject
from mimamori.explain_model import model_tables, origin_lines, read_shown_model
from mimamori.papers.assessment import assessment_paper
from mimamori.papers.assessment_basis import read_basis
from mimamori.papers.council import council_paper
from mimamori.papers.council_period import read_period
from mimamori.papers.paper import Paper, rendered
from mimamori.papers.pdf import as_pdf
from mimamori.papers.public_log import public_log_paper
from mimamori.papers.variables import variables_paper
from mimamori.quality import reviewed
from mimamori.release_files import as_files
from mimamori.release_tables import ReleaseTables, load_tables
from vocabulary.texts import Language, text

TABLES_FILE = "release_tables.toml"
"""In the workspace: the city's own fixed set of tables, in the form of `mimamori release draft --tables`."""

RELEASES_FOLDER = "releases"
"""In the workspace: what was published from a page, one folder a release."""


def oversight() -> Oversight:
    """The functions."""
    return Oversight(
        child_views=child_views,
        years=years,
        table_titles=table_titles,
        draft=draft,
        publish=publish,
        files=files,
        model_card=model_card,
        evaluated=evaluated,
        reviewed=reviewed,
        paper=paper,
        paper_file=paper_file,
        public_log=public_log,
    )


def child_views(
    workspace: Workspace, run_id: str, person_id: str, reason: str, actor: str
) -> Sequence[tuple[str, str, str]]:
    """Looks at a child. Errors as of `mimamori.subject.show`, which logs that it was asked."""
    return subject.show(workspace, run_id, person_id, reason=reason, actor=actor).views


def years(workspace: Workspace, run_id: str) -> list[int]:
    """Fiscal years of which a run has judgements, the newest first."""
    found = read_artefact(workspace, run_id, "judgements", ["year"])["year"].unique().sort(descending=True)
    return [int(year) for year in found]


def fixed_tables(workspace: Workspace) -> ReleaseTables:
    """The city's own set of tables, else the one that comes with the system."""
    own = workspace.path / TABLES_FILE
    return load_tables(own if own.is_file() else None)


def table_titles(workspace: Workspace, language: Language) -> list[str]:
    """Titles of the fixed set."""
    return [str(getattr(table.title, language)) for table in fixed_tables(workspace).tables]


def draft(workspace: Workspace, run_id: str, of_years: Sequence[int], actor: str) -> Release:
    """The fixed set of tables of a run as a draft. Errors as of `mimamori.releasing.draft`."""
    made = fixed_tables(workspace)
    return releasing.draft(workspace, run_id, made, of_years, approval=None, today=date.today(), actor=actor)


def files(release: Release) -> dict[str, bytes]:
    """The files of a release, as they are published from a page."""
    return as_files(release, bom=True)


def publish(workspace: Workspace, release_id: str, actor: str) -> Release:
    """Write the files of an approved release. Errors as of `governance.releases.publish`."""
    out = workspace.path / RELEASES_FOLDER / release_id
    return releases.publish(workspace, release_id, files(releases.show(workspace, release_id)), out, actor=actor)


def model_card(workspace: Workspace, run_id: str) -> ModelCard:
    """The linkage model of a run, in the current language."""
    shown = read_shown_model(workspace, run_id)
    tables = [
        (table.title, tuple(table.headers), tuple(tuple(row) for row in table.rows), table.words)
        for table in model_tables(shown.model)
    ]
    return ModelCard(shown.model.version, tuple(origin_lines(shown)), tuple(tables))


def evaluated(workspace: Workspace, run_id: str, language: Language) -> Evaluated | None:
    """Headlines of the newest evaluation of a run whose file is the one that was logged.

    Shares are of at least ten and in whole percent, without what they are of, so that no small count follows.
    """
    file = workspace.path / "reports" / f"{run_id}.json"
    with workspace.reading() as connection:
        logged = entries(connection, kinds=[Kind.EVALUATION], subject=run_id)
    digests = [(one.at, one.content.get("files", {}).get(file.name)) for one in logged]
    if not digests or not file.is_file() or sha256_file(file) != digests[-1][1]:
        return None
    found = Evaluation.model_validate_json(file.read_bytes())

    def say(key: str, **values: object) -> str:
        return text(f"overseeing.{key}", language=language, **values)

    pairs = found.linkage.linked.pairwise
    linkage = [
        (say("evaluated_precision"), _share(pairs.precision, 2)),
        (say("evaluated_recall"), _share(pairs.recall, 2)),
        (say("evaluated_mixed"), _rate(found.linkage.mixed)),
        (say("evaluated_split"), _rate(found.linkage.split)),
    ]
    lists = [
        (
            say("evaluated_list", share=f"{at.capacity:.1%}"),
            rule.precision.value if rule.precision.of >= THRESHOLD else None,
            _rate(rule.precision),
        )
        for at in (found.flags.capacities if found.flags else [])
        for rule in at.rules[:1]
    ]
    said = fairness_sentence(found.linkage.fairness, language)
    return Evaluated(run_id, digests[-1][0], tuple(linkage), tuple(lists), _groups(found, language), said)


def _groups(found: Evaluation, language: Language) -> tuple[tuple[str, ...], ...]:
    """Of each group of ten or more on the list: group, share of the children, of the list, found, missed."""
    if found.audit is None:
        return ()
    return tuple(
        (
            text(f"evaluation.group_{one.group}", language=language),
            _rate(one.share_of_children),
            _rate(one.share_of_list),
            _rate(one.precision),
            _rate(one.recall),
            text(f"overseeing.beyond_{'yes' if any(d.beyond for d in one.differences) else 'no'}", language=language),
        )
        for one in found.audit.groups
    )


def _rate(rate: Any) -> str:
    """A share with its interval in whole percent; a dash where it is of fewer than ten."""
    if rate is None or rate.value is None or rate.of < THRESHOLD:
        return "–"
    return f"{rate.value:.0%} ({rate.low:.0%}–{rate.high:.0%})"


def _share(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}%}"


def paper(workspace: Workspace, name: str, language: Language, since: date, until: date) -> PaperShown:
    """A paper by its name: council, variables, assessment, of the period where it is of one, else as of today.

    Errors as of the functions that read what it is made from.
    """
    today = date.today()
    made: Paper
    if name == "council":
        made = council_paper(read_period(workspace, since, until), language)
    elif name == "variables":
        made = variables_paper(workspace, language, today=today)
    else:
        made = assessment_paper(read_basis(workspace, today=today, filled={}), language)
    return cast(PaperShown, made)


def public_log(workspace: Workspace, language: Language) -> PaperShown:
    """What of the run log everybody may see. Errors as of `governance.public_page`."""
    return cast(PaperShown, public_log_paper(public_page(workspace), language, today=date.today()))


def paper_file(made: PaperShown, form: str) -> bytes:
    """A paper as `html` or `pdf`."""
    page = rendered(cast(Paper, made))
    return as_pdf(page) if form == "pdf" else page.encode()
