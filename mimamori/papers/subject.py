"""What is held of a child as a page to be handed over to the child's family."""

from collections.abc import Sequence

from mimamori.console import local_time
from mimamori.papers.paper import Paper, Section, Table
from mimamori.subject import Held
from vocabulary.frames import RECORD
from vocabulary.texts import Language, catalogue, text


def subject_paper(held: Held, language: Language) -> Paper:
    """The page in one language; it names the child."""

    def say(name: str, **values: object) -> str:
        return text(f"subject.{name}", language=language, **values)

    def section(name: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *said: str) -> Section:
        title = say(f"section_{name}")
        table = Table(title, [say(f"column_{column}") for column in columns], rows)
        return Section(title, [*said, *([] if rows else [say("nothing")])], [table])

    identity = [(column, values[0]) for column, values in held.identity.to_dict(as_series=False).items() if values]
    probability = "match_probability"
    records = [
        (*record, "–" if sure is None else f"{100 * sure:.1f} %")
        for *record, sure in held.records.select(*RECORD, probability).rows()
    ]
    views = [(local_time(at), actor, _page(page, language)) for at, actor, page in held.views]
    exports = [(local_time(at), actor, tables) for at, actor, tables in held.exports]
    runs = [(run, local_time(at), approval) for run, at, approval in held.runs]
    return Paper(
        language,
        say("title"),
        [say("lead", run=held.run_id)],
        [
            section("identity", ("item", "value"), [(item, value) for item, value in identity if value is not None]),
            section("records", ("source", "number", "date", "probability"), records),
            section("values", ("date", "source", "item", "value"), held.values.rows()),
            section("lists", ("year", "kind"), [(year, _kind(kind, language)) for year, kind in held.listed.rows()]),
            section("runs", ("run", "at", "approval"), runs),
            section("views", ("at", "actor", "page"), views, say("views_said", lists=held.list_views)),
            section("exports", ("at", "actor", "files"), exports),
        ],
        warning=say("warning"),
    )


def _page(page: str, language: Language) -> str:
    key = f"paper.page_{page}"
    return text(key, language=language) if key in catalogue() else page


def _kind(kind: str, language: Language) -> str:
    return text(f"kind.{kind}", language=language) if f"kind.{kind}" in catalogue() else kind
