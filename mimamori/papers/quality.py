"""The quality of a run for the public: the figures of an evaluation that may leave, as a paper."""

from collections.abc import Sequence

from evaluation.effect_figures import ROUNDED_TO, SMALLEST_CELL
from evaluation.formats import percent
from evaluation.public import PublicEvaluation, PublicGroup, PublicShare
from evaluation.words import Words
from mimamori.papers.paper import Paper, Say, Section, Table, saying, shown_told
from vocabulary.texts import Language


def quality_paper(told: PublicEvaluation, language: Language, *, run: str) -> Paper:
    """The paper in one language."""
    say, words = saying(language), Words(language)
    sections = [_links(told, say, words)]
    if told.lists:
        sections += [_lists(told, say, words), _served(told, say, words)]
    lead = [say("quality_lead", run=run), say("quality_small", least=SMALLEST_CELL, rounding=ROUNDED_TO)]
    return Paper(language, say("public_quality_title"), lead, sections)


def _links(told: PublicEvaluation, say: Say, words: Words) -> Section:
    rows = [
        (say("quality_pairs_right"), percent(told.pair_precision, 1)),
        (say("quality_pairs_found"), percent(told.pair_recall, 1)),
        (say("quality_mixed"), _share(told.mixed, say)),
        (say("quality_split"), _share(told.split, say)),
    ]
    figures = Table(say("quality_links"), [say("column_what"), say("column_share")], rows, numbers=[1])
    return Section(
        say("quality_links"),
        [say("quality_links_said", records=shown_told(told.records, say))],
        [figures, _groups(told.linked, ("whole",), say("quality_linked_groups"), say, words)],
    )


def _lists(told: PublicEvaluation, say: Say, words: Words) -> Section:
    rows = [
        (words.rule(one.rule), shown_told(one.listed, say), _share(one.precision, say), _share(one.recall, say))
        for one in told.lists
    ]
    headers = [say(f"column_{name}") for name in ("list", "listed", "precision", "recall")]
    title, said = say("quality_lists"), say("quality_lists_said", capacity=percent(told.capacity, 1))
    years = _groups(told.years, ("precision",), say("quality_years"), say, words)
    return Section(title, [said], [Table(title, headers, rows, numbers=[1, 2, 3]), years])


def _served(told: PublicEvaluation, say: Say, words: Words) -> Section:
    title = say("quality_groups")
    return Section(
        title, [say("quality_groups_said")], [_groups(told.listed, ("precision", "recall"), title, say, words)]
    )


def _groups(groups: Sequence[PublicGroup], measures: Sequence[str], title: str, say: Say, words: Words) -> Table:
    rows = [(words.group(one.group), *(_share(one.shares[name], say) for name in measures)) for one in groups]
    headers = [say("column_group"), *(say(f"column_{name}") for name in measures)]
    return Table(title, headers, rows, numbers=range(1, len(headers)))


def _share(share: PublicShare, say: Say) -> str:
    """A share with its interval; a bound where only that is told; a dash where nothing is."""
    if share.low is None or share.high is None:
        return "–"
    if share.value is not None:
        return f"{percent(share.value, 1)} ({percent(share.low, 1)} – {percent(share.high, 1)})"
    if share.low == 0.0:
        return say("below_share", share=percent(share.high, 1))
    return say("above_share", share=percent(share.low, 1))
