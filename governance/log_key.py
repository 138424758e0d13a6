"""The keys that sign the run log, one after another: each was introduced by the one before, in an entry of the log.

An introduction is a signed note of three lines: the name of the log with `/key`, the number of the entry from which the
new key signs, and the new public key in base64. Both keys signed it, so it can neither be made by who has only the old
one, nor in the name of a key that somebody else has. Its name differs from the log's, so it is no checkpoint.
`log.vkey` has the first key in one line, as the council was given it, and under it the introductions.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from governance.checkpoint import Checkpoint, stated
from governance.custody import Custody
from governance.note import ED25519, VerifierKey, is_signed, parse_verifier_key
from governance.runlog import Entry, Kind, entries

KEY_ORIGIN = "/key"
"""After the name of the log, in the first line of an introduction."""

SUBJECT = "keys/log"
"""Of the entries that introduce a key."""


@dataclass(frozen=True)
class LogKeys:
    """The keys of a log: the first, and those that followed, each with the entry from which it signs."""

    first: VerifierKey
    later: tuple[tuple[int, VerifierKey], ...] = ()
    introductions: tuple[str, ...] = ()  # signed notes, one for each later key

    @property
    def name(self) -> str:
        """Of the log."""
        return self.first.name

    @property
    def current(self) -> VerifierKey:
        """The key that signs now."""
        return self.later[-1][1] if self.later else self.first

    def at(self, size: int) -> VerifierKey:
        """The key that signs a checkpoint of so many entries."""
        return [self.first, *(key for since, key in self.later if since <= size)][-1]

    def signing(self, size: int) -> tuple[VerifierKey, ...]:
        """The keys that sign such a checkpoint: two where one follows the other."""
        follows = any(since == size for since, _ in self.later)
        return (self.at(size - 1), self.at(size)) if follows else (self.at(size),)

    def followed_by(self, note: str) -> "LogKeys | None":
        """These keys and the one that a note introduces; None where it does not, signed by the current one and it."""
        found = stated(note)
        if found is None:
            return None
        parsed, said = found
        key = VerifierKey(self.name, ED25519, said.root)
        since = self.later[-1][0] if self.later else 0
        holds = said.origin == self.name + KEY_ORIGIN and said.size > since and key != self.current
        if not holds or not is_signed(parsed, self.current) or not is_signed(parsed, key):
            return None
        return LogKeys(self.first, (*self.later, (said.size, key)), (*self.introductions, note))

    def is_told_by(self, written: str) -> bool:
        """Whether a text is what `log.vkey` says, or said before a key followed: a process may die in between."""
        count = len(self.introductions)
        shorter = (replace(self, introductions=self.introductions[:number]) for number in range(count + 1))
        return any(str(one) == written.strip() for one in shorter)

    def __str__(self) -> str:
        """As `log.vkey` has them."""
        return "\n\n".join([str(self.first), *(note.strip() for note in self.introductions)])


def parse_keys(written: str) -> LogKeys | None:
    """The keys that a `log.vkey` tells; None where a key is none, or was not introduced."""
    head, *parts = written.strip().replace("\r\n", "\n").split("\n\n")
    first = parse_verifier_key(head)
    keys = None if first is None else LogKeys(first)
    for body, signatures in zip(parts[::2], [*parts[1::2], ""], strict=False):
        keys = None if keys is None else keys.followed_by(f"{body}\n\n{signatures}\n")
    return keys


def keys_of(log: Iterable[Entry]) -> tuple[LogKeys | None, list[int]]:
    """The keys that sound entries of a log tell, and numbers of entries whose key was never introduced.

    No keys where the first entry is not that of a log's beginning.
    """
    keys: LogKeys | None = None
    refused = []
    for entry in log:
        if entry.seq == 1 and entry.kind == Kind.WORKSPACE_CREATED:
            first = parse_verifier_key(str(entry.content.get("verifier_key")))
            keys = LogKeys(first) if first is not None and first.name == entry.subject else None
        elif keys is not None and entry.kind == Kind.ROTATION and entry.subject == SUBJECT:
            note = str(entry.content.get("introduction", ""))
            following = keys.followed_by(note) if "introduction" in entry.content else keys
            if following is None or (following is not keys and following.later[-1][0] != entry.seq):
                refused.append(entry.seq)
            else:
                keys = following
    return keys, refused


def read_keys(connection: Connection) -> LogKeys | None:
    """The keys of the log, without reading the rest of it. IntegrityError where one of these entries was edited."""
    begun = entries(connection, kinds=[Kind.WORKSPACE_CREATED])
    return keys_of([*begun, *entries(connection, kinds=[Kind.ROTATION], subject=SUBJECT)])[0]


def introduction(custody: Custody, keys: LogKeys, new: VerifierKey, size: int) -> str:
    """The signed note that introduces a key from entry `size` on, by the current key and the new one."""
    said = Checkpoint(keys.name + KEY_ORIGIN, size, new.public)
    lines = [custody.sign_as(key, said.body().encode()) for key in (keys.current, new)]
    written = "".join(f"— {keys.name} {base64.b64encode(line).decode()}\n" for line in lines)
    return f"{said.body()}\n{written}"
