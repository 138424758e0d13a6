"""The public page of the run log as a paper: runs, what was done how often, the checkpoint, and how to check it."""

from datetime import date

from governance.disclosure import ROUNDING, THRESHOLD
from governance.public_log import CHECKPOINT_FILE
from governance.public_page import FIGURES, PublicPage
from governance.workspace import VERIFIER_KEY_FILE
from mimamori.console import local_time
from mimamori.papers.paper import Paper, Say, Section, Table, kind_name, saying, shown_told
from vocabulary.texts import Language

COMMAND = f"python3 -I verify_log.py log/ --key {VERIFIER_KEY_FILE} --checkpoint old.txt --checkpoint {CHECKPOINT_FILE}"


def public_log_paper(page: PublicPage, language: Language, *, today: date) -> Paper:
    """The page in one language."""
    say = saying(language)
    return Paper(
        language,
        say("log_title"),
        [say("log_lead", day=today, least=THRESHOLD, rounding=ROUNDING)],
        [_runs(page, say), _acts(page, say), _state(page, say), *_checkpoint(page, say), _verifying(say)],
    )


def _runs(page: PublicPage, say: Say) -> Section:
    names = ("day", "run", "approval", "title", "purpose", *FIGURES)
    rows = [
        (
            *(one.day, one.run, one.approval, one.title, one.purpose),
            *(shown_told(one.counts[name], say) if name in one.counts else "–" for name in FIGURES),
        )
        for one in page.runs
    ]
    numbers = range(len(names) - len(FIGURES), len(names))
    table = Table(say("runs_title"), [say(f"column_{name}") for name in names], rows, numbers=numbers, codes=[1])
    return Section(say("runs_title"), [] if rows else [say("log_runs_none")], [table])


def _acts(page: PublicPage, say: Say) -> Section:
    rows = [(kind_name(kind, say), f"{count:,}") for kind, count in page.acts.items()]
    rows += [(kind_name(kind, say), shown_told(count, say)) for kind, count in page.protected.items()]
    title = say("log_acts_title")
    table = Table(title, [say("column_kind"), say("column_count")], rows, numbers=[1])
    return Section(title, [say("log_acts_said")], [table])


def _state(page: PublicPage, say: Say) -> Section:
    if page.checked is None:
        said = say("log_state_unchecked")
    elif page.checked.findings:
        said = say("log_state_altered", at=local_time(page.checked.at), count=page.checked.findings)
    else:
        said = say("log_state_sound", at=local_time(page.checked.at))
    return Section(say("log_state_title"), [said])


def _checkpoint(page: PublicPage, say: Say) -> list[Section]:
    said = [say("log_checkpoint_said", entries=f"{page.entries:,}")]
    return [
        Section(say("log_checkpoint_title"), said, copied=[page.checkpoint.rstrip("\n")]),
        Section(say("log_key_title"), [say("log_key_said")], copied=[page.key]),
    ]


def _verifying(say: Say) -> Section:
    said = [say("log_verify_said"), say("log_verify_limits")]
    return Section(say("log_verify_title"), said, copied=[COMMAND])
