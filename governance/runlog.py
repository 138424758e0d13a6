"""The run log: an append-only list of what was done with the data, each entry bound to the one before.

What is public of an entry is its leaf: number, time, kind, the hash of the leaf before, and a commitment to the rest
(actor, subject, body), which is salted at random, so that nobody can guess at it. The leaves make a Merkle tree, whose
root goes into signed checkpoints; so the log can be checked by whoever may not read what it says. Entries are appended
under the writer lock in the transaction of what they report, so neither exists without the other. No entry holds
personal data of a child: only ids of approvals and runs, names of files and columns, counts and hashes.
"""

import hmac
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.exc import NoResultFound

from governance.digest import canonical_json
from governance.merkle import Frontier, leaf_hash, push, root
from governance.tables import log_entries, log_head
from vocabulary.errors import IntegrityError

FIRST_PREVIOUS = "0" * 64
"""What the first entry has for the hash of the entry before."""


class Kind(StrEnum):
    """What an entry reports."""

    WORKSPACE_CREATED = "workspace_created"
    APPROVAL_ADDED = "approval_added"
    APPROVAL_CONFIRMED = "approval_confirmed"
    APPROVAL_COUNTERSIGNED = "approval_countersigned"
    APPROVAL_SUPERSEDED = "approval_superseded"
    APPROVAL_REVOKED = "approval_revoked"
    DATA_OWNER_SET = "data_owner_set"
    REFUSAL = "refusal"
    RUN_STARTED = "run_started"
    RUN_PUBLISHED = "run_published"
    RUN_FAILED = "run_failed"
    RUN_REPLAYED = "run_replayed"
    JOB = "job"  # a run asked for from a page, and how it went on
    EXPORT = "export"
    EVALUATION = "evaluation"
    VIEW = "view"
    BREAK_GLASS = "break_glass"  # access in an emergency, for a time, with its reason
    HOLD = "hold"  # what may not be disposed of for now, and the end of that
    DISPOSAL = "disposal"
    ARCHIVE = "archive"  # a run made the archive of a reference date
    BACKUP = "backup"  # one was made, or the workspace was made from one
    DISCLOSURE = "disclosure"  # of the words of an entry to somebody outside
    RELEASE = "release"  # statistics that left the city hall
    ROTATION = "rotation"  # of a key
    LOG_VERIFIED = "log_verified"
    LOG_COUNTERSIGNED = "log_countersigned"  # by a witness
    SUBJECT_REQUEST = "subject_request"  # of a person for what is held of them, a correction, or an objection
    REVIEW_DECIDED = "review_decided"
    REVIEW_CONFIRMED = "review_confirmed"
    REVIEW_DISPUTED = "review_disputed"
    REVIEW_UNDONE = "review_undone"
    REVIEW_SAMPLED = "review_sampled"
    OUTCOME_RECORDED = "outcome_recorded"
    OUTCOME_REPLACED = "outcome_replaced"
    OUTCOME_WITHDRAWN = "outcome_withdrawn"
    CASE_OPENED = "case_opened"
    CASE_CHANGED = "case_changed"
    CASE_ERASED = "case_erased"  # what was written in it, and whose it was
    SCORECARD_TRAINED = "scorecard_trained"
    SCORECARD_PROPOSED = "scorecard_proposed"
    SCORECARD_ADOPTED = "scorecard_adopted"
    SCORECARD_RETIRED = "scorecard_retired"
    ALERT = "alert"  # what others are told of, and that they have taken note
    ACCOUNT_ADDED = "account_added"
    ACCOUNT_CONFIRMED = "account_confirmed"  # by a second person: the account, or the role asked for
    ACCOUNT_INVITED = "account_invited"
    ACCOUNT_PASSWORD_SET = "account_password_set"  # noqa: S105 - the name of an event
    ACCOUNT_ROLE_REQUESTED = "account_role_requested"
    ACCOUNT_ROLE_SET = "account_role_set"
    ACCOUNT_SCHOOLS_SET = "account_schools_set"
    ACCOUNT_DISABLED = "account_disabled"
    SECOND_FACTOR_SET = "second_factor_set"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"  # how many failures of an account there were since the entry before
    SIGNED_OUT = "signed_out"
    ACCESS_TOKEN_MADE = "access_token_made"  # noqa: S105 - the name of an event
    ACCESS_TOKEN_ENDED = "access_token_ended"  # noqa: S105 - the name of an event


@dataclass(frozen=True)
class Entry:
    """One entry as it stands in the log; `body` is canonical JSON as stored."""

    seq: int
    at: str
    actor: str
    kind: str
    subject: str
    body: str
    salt: str
    previous_hash: str
    entry_hash: str

    @property
    def content(self) -> dict[str, Any]:
        """The body of a sound entry, parsed."""
        return dict(json.loads(self.body))

    def is_sound(self) -> bool:
        """Whether the fields give the hash that stands with them, and the body is a JSON object."""
        try:
            parsed = json.loads(self.body)
        except ValueError:
            return False
        return isinstance(parsed, dict) and self.computed_hash() == self.entry_hash

    def withheld(self) -> bytes:
        """What the leaf does not show, as JSON; the body as it is stored, which canonical JSON would not change."""
        actor, subject = (json.dumps(value, ensure_ascii=False) for value in (self.actor, self.subject))
        return f'{{"actor":{actor},"body":{self.body},"subject":{subject}}}'.encode()

    def commitment(self) -> str:
        """HMAC-SHA-256 of what is withheld, under the salt: binds to it, and without the salt tells nothing of it."""
        return hmac.digest(self.salt.encode(), self.withheld(), "sha256").hex()

    def leaf(self) -> bytes:
        """What is public of the entry, as it enters the Merkle tree: one line of canonical JSON."""
        public = {"seq": self.seq, "at": self.at, "kind": self.kind, "previous": self.previous_hash}
        return canonical_json(public | {"commitment": self.commitment()})

    def computed_hash(self) -> str:
        """The hash that these fields give: the leaf hash of RFC 6962, in hexadecimal."""
        return leaf_hash(self.leaf()).hex()


@dataclass(frozen=True)
class Head:
    """Where the log ends: its size, the hash of its last entry, and the frontier of its Merkle tree."""

    size: int
    entry_hash: str
    frontier: Frontier

    @property
    def root(self) -> bytes:
        """Merkle root over all entry hashes."""
        return root(self.frontier)


def has_begun(connection: Connection) -> bool:
    """Whether the database holds a log."""
    return connection.execute(select(log_head.c.size)).first() is not None


def begin(connection: Connection, *, actor: str, origin: str, verifier_key: str) -> Head:
    """Begin the log by an entry that names it and the public key of its checkpoints; its head."""
    connection.execute(insert(log_head).values(id=1, size=0, entry_hash=FIRST_PREVIOUS, frontier=""))
    body = {"verifier_key": verifier_key}
    append(connection, actor=actor, kind=Kind.WORKSPACE_CREATED, subject=origin, body=body)
    return head(connection)


def origin(connection: Connection) -> str:
    """Name of the log in its checkpoints: what its first entry is about."""
    return str(connection.execute(select(log_entries.c.subject).where(log_entries.c.seq == 1)).scalar_one_or_none())


def head(connection: Connection) -> Head:
    """The end of the log as this transaction sees it.

    Raises
    ------
    IntegrityError
        The head's row is gone, or is not one that `append` wrote.
    """
    try:
        row = connection.execute(select(log_head).where(log_head.c.id == 1)).one()
        found = Head(int(row.size), str(row.entry_hash), tuple(map(bytes.fromhex, str(row.frontier).split())))
    except (NoResultFound, ValueError):
        raise IntegrityError("runlog.no_head") from None
    if found.size < 0 or len(found.frontier) != found.size.bit_count():
        raise IntegrityError("runlog.no_head")
    return found


EMPTY = Head(0, FIRST_PREVIOUS, ())
"""The head of a log without entries."""


def heads(connection: Connection, *, since: Head) -> list[Head]:
    """The head as it was after each entry beyond `since`, in order."""
    beyond = select(log_entries.c.entry_hash).where(log_entries.c.seq > since.size).order_by(log_entries.c.seq)
    found = [since]
    for entry_hash in connection.execute(beyond).scalars():
        last = found[-1]
        found.append(Head(last.size + 1, entry_hash, push(last.frontier, last.size, bytes.fromhex(entry_hash))))
    return found[1:]


def append(connection: Connection, *, actor: str, kind: Kind, subject: str, body: Mapping[str, object]) -> Entry:
    """Append an entry within the caller's writing transaction.

    Parameters
    ----------
    connection
        From `Workspace.writing()`, which holds the writer lock and writes the checkpoint after the commit.
    actor
        Account, or user of the operating system, who did it.
    kind
        What the entry reports.
    subject
        Id of the approval, run or account it is about.
    body
        JSON values, without personal data of a child.
    """
    last = head(connection)
    draft = Entry(
        seq=last.size + 1,
        at=_time_after(connection, last),
        actor=actor,
        kind=kind.value,
        subject=subject,
        body=canonical_json(body).decode(),
        salt=secrets.token_hex(32),
        previous_hash=last.entry_hash,
        entry_hash="",
    )
    entry = Entry(**(vars(draft) | {"entry_hash": draft.computed_hash()}))
    frontier = push(last.frontier, last.size, bytes.fromhex(entry.entry_hash))
    connection.execute(insert(log_entries).values(**vars(entry)))
    connection.execute(
        update(log_head).values(
            size=entry.seq, entry_hash=entry.entry_hash, frontier=" ".join(part.hex() for part in frontier)
        )
    )
    return entry


def _time_after(connection: Connection, last: Head) -> str:
    """The time of the next entry: now, or that of the entry before where the clock was put back since."""
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    before = connection.execute(select(log_entries.c.at).where(log_entries.c.seq == last.size)).scalar_one_or_none()
    return max(now, before) if before is not None and is_time(before) else now


def is_time(at: str) -> bool:
    """Whether a text is a time as entries have it, UTC with microseconds, so that their order is that of the texts."""
    try:
        return datetime.fromisoformat(at).astimezone(UTC).isoformat(timespec="microseconds") == at
    except (ValueError, OverflowError):
        return False


def entries(
    connection: Connection,
    *,
    kinds: Iterable[Kind] | None = None,
    subject: str | None = None,
    actor: str | None = None,
    since: int = 0,
    not_before: str = "",
) -> list[Entry]:
    """Entries in their order, of these kinds, this subject and this actor where given.

    Their numbers are beyond `since`, and their times, as texts, not before `not_before`.

    Raises
    ------
    IntegrityError
        One of them does not give its own hash. (That none is missing is for `governance.verify`.)
    """
    query = select(log_entries).order_by(log_entries.c.seq)
    if kinds is not None:
        query = query.where(log_entries.c.kind.in_([kind.value for kind in kinds]))
    if subject is not None:
        query = query.where(log_entries.c.subject == subject)
    if actor is not None:
        query = query.where(log_entries.c.actor == actor)
    if since:
        query = query.where(log_entries.c.seq > since)
    if not_before:
        query = query.where(log_entries.c.at >= not_before)
    return [_sound(_entry(row)) for row in connection.execute(query).mappings()]


def last_entry(connection: Connection, *, kind: Kind) -> Entry | None:
    """The newest entry of this kind; None where there is none. Errors as of `entries`."""
    query = select(log_entries).where(log_entries.c.kind == kind.value).order_by(log_entries.c.seq.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return None if row is None else _sound(_entry(row))


def stored_entries(connection: Connection) -> Iterator[Entry]:
    """Every entry as it stands in the database, unchecked, in the order of its number."""
    for row in connection.execute(select(log_entries).order_by(log_entries.c.seq)).mappings():
        yield _entry(row)


def _sound(entry: Entry) -> Entry:
    if not entry.is_sound():
        raise IntegrityError("runlog.entry_edited", seq=entry.seq)
    return entry


def _entry(row: RowMapping) -> Entry:
    """The entry in a row, whose values need not be texts where somebody edited the database."""
    return Entry(int(row["seq"]), **{column: str(value) for column, value in row.items() if column != "seq"})
