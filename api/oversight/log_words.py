"""Entries of the run log as a page may tell them: what was done, when, by whom, to which approval or run. No child.

What an entry says beside that is shown only for the fields named here, so that an entry of a new kind shows nothing of
its body until somebody decides what.
"""

from governance.policy import Action, policy
from governance.runlog import Entry, Kind
from vocabulary.texts import Language, catalogue, text

NAMED = frozenset(
    {
        Kind.WORKSPACE_CREATED,
        Kind.APPROVAL_ADDED,
        Kind.APPROVAL_CONFIRMED,
        Kind.APPROVAL_COUNTERSIGNED,
        Kind.APPROVAL_SUPERSEDED,
        Kind.APPROVAL_REVOKED,
        Kind.DATA_OWNER_SET,
        Kind.RUN_STARTED,
        Kind.RUN_PUBLISHED,
        Kind.RUN_FAILED,
        Kind.RUN_REPLAYED,
        Kind.EXPORT,
        Kind.EVALUATION,
        Kind.DISPOSAL,
        Kind.RELEASE,
        Kind.ROTATION,
        Kind.SCORECARD_TRAINED,
        Kind.SCORECARD_PROPOSED,
        Kind.SCORECARD_ADOPTED,
        Kind.SCORECARD_RETIRED,
        Kind.ACCOUNT_ADDED,
        Kind.ACCOUNT_INVITED,
        Kind.ACCOUNT_PASSWORD_SET,
        Kind.ACCOUNT_ROLE_SET,
        Kind.ACCOUNT_DISABLED,
        Kind.LOG_VERIFIED,
        Kind.LOG_COUNTERSIGNED,
    }
)
"""Kinds whose subject is an approval, a run, a source, a key, a release, a scorecard or an account. The subject of a
refusal is what somebody typed, that of the others may be the number of a case, a review or a request: none is shown."""

TOLD = {
    Kind.APPROVAL_COUNTERSIGNED: ("source",),
    Kind.DATA_OWNER_SET: ("account",),
    Kind.RUN_STARTED: ("approval",),
    Kind.REFUSAL: ("rule", "action"),
    Kind.EXPORT: ("recipient", "files"),
    Kind.EVALUATION: ("files",),
    Kind.VIEW: ("page",),
    Kind.DISPOSAL: ("step", "classes"),
    Kind.RELEASE: ("state", "tables"),
    Kind.SUBJECT_REQUEST: ("request", "state"),
    Kind.LOG_VERIFIED: ("entries", "count"),
    Kind.LOG_COUNTERSIGNED: ("witness", "size"),
}
"""Fields of the body that are told of each kind; of the others none."""

LONGEST = 120


def kind_words(kind: str, language: Language) -> str:
    """What an entry of this kind reports."""
    key = f"entry.{kind}"
    return text(key, language=language) if key in catalogue() else kind.replace("_", " ")


def subject(entry: Entry) -> str | None:
    """What an entry is about, where that is told."""
    return entry.subject if entry.kind in NAMED else None


def details(entry: Entry, language: Language) -> list[tuple[str, str]]:
    """What else is told of an entry: name and value."""
    fields = TOLD.get(Kind(entry.kind), ()) if entry.kind in set(Kind) else ()
    content = entry.content
    return [
        (
            text(f"overseeing.field_{field}", language=language),
            _value(field, content[field], entry.kind, language)[:LONGEST],
        )
        for field in fields
        if content.get(field) not in (None, [], {})
    ]


def page_words(page: str, language: Language) -> str:
    """What a page is called that was shown."""
    return text(f"paper.page_{page}", language=language) if f"paper.page_{page}" in catalogue() else page


def _value(field: str, value: object, kind: str, language: Language) -> str:
    """A value in words: names of files without their hashes, members of a list, what a page or an action is called."""
    written = ", ".join(map(str, value)) if isinstance(value, (list, dict)) else str(value)
    if field == "page":
        return page_words(written, language)
    if field == "action" and written in set(Action):
        return str(getattr(policy().actions[Action(written)], language))
    area, _, name = written.partition(".")
    rule = f"paper.rule_{name}" if area == "refusal" else f"overseeing.rule_{area}_{name}"
    key = {"rule": rule, "state": f"{kind}.state_{written}"}.get(field, "")
    return text(key, language=language) if key in catalogue() else written
