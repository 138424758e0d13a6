"""Signed notes (C2SP signed-note): a text, and under it one line for each signature.

Two kinds of signature are known: the log's own (Ed25519 over the text) and a witness's cosignature (C2SP
tlog-cosignature, `cosignature/v1`: Ed25519 over the text and the time at which the witness saw it). Signatures by other
keys are passed over, as the specification asks. A witness's key belongs to whoever holds it, in a file of theirs: it
is none of the workspace's keys, which are for `governance.custody`.
"""

import base64
import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
"""Signature type of a log's own signature."""

COSIGNATURE = b"\x04"
"""Signature type of a witness's cosignature/v1."""

DASH = "— "
PRIVATE = "PRIVATE+KEY+"
TIME_BYTES = 8
KEY_BYTES = 32


@dataclass(frozen=True)
class Signature:
    """One line under a note: whose key, and what it made."""

    name: str
    key_id: bytes
    made: bytes


@dataclass(frozen=True)
class Note:
    """A text, its last newline included, and its signatures."""

    body: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True)
class VerifierKey:
    """A public key under the name of its owner; as a text `name+key id+key`."""

    name: str
    kind: bytes
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes by which signature lines name the key."""
        return key_id(self.name, self.kind, self.public)

    def at(self, size: int) -> "VerifierKey":
        """The key that signs a checkpoint of so many entries: this one, where no other followed it."""
        del size
        return self

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(self.kind + self.public).decode()}"


def key_id(name: str, kind: bytes, public: bytes) -> bytes:
    """The four bytes by which signature lines name a key of this kind."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def parse_verifier_key(written: str) -> VerifierKey | None:
    """The key that is written `name+key id+key`; None where it is none."""
    try:
        name, identifier, coded = written.strip().split("+", 2)
        decoded = canonical_base64(coded)
    except ValueError:
        return None
    key = VerifierKey(name, decoded[:1], decoded[1:])
    fits = identifier == key.key_id.hex() and len(key.public) == KEY_BYTES and key.kind in (ED25519, COSIGNATURE)
    return key if fits else None


def parse_note(written: str) -> Note | None:
    """The note that is written; None where it is none."""
    text, blank, lines = written.rpartition("\n\n")
    if not blank:
        return None
    try:
        signatures = tuple(map(_signature, lines.removesuffix("\n").split("\n")))
    except ValueError:
        return None
    return Note(f"{text}\n", signatures)


def _signature(line: str) -> Signature:
    if not line.startswith(DASH):
        raise ValueError("no signature line")
    name, coded = line.removeprefix(DASH).split(" ")
    decoded = canonical_base64(coded)
    return Signature(name, decoded[:4], decoded[4:])


def canonical_base64(coded: str) -> bytes:
    """The bytes of base64 in its one canonical form, so that a note has one spelling; ValueError otherwise."""
    decoded = base64.b64decode(coded, validate=True)
    if base64.b64encode(decoded).decode() != coded:
        raise ValueError("not canonical")
    return decoded


def is_signed(note: Note, key: VerifierKey) -> bool:
    """Whether the owner of a log's key signed the note, and no line under that key is false."""
    made = [one.made for one in _by(note, key)]
    return key.kind == ED25519 and bool(made) and all(_holds(key, note.body.encode(), one) for one in made)


def cosigned_at(note: Note, key: VerifierKey) -> int | None:
    """When the witness saw the note (POSIX seconds); None where it has no cosignature of theirs that holds."""
    made = [one.made for one in _by(note, key)]
    if key.kind != COSIGNATURE or not made or not all(_cosignature_holds(note, key, one) for one in made):
        return None
    return min(_time(one) for one in made)


def _by(note: Note, key: VerifierKey) -> list[Signature]:
    return [one for one in note.signatures if (one.name, one.key_id) == (key.name, key.key_id)]


def _cosignature_holds(note: Note, key: VerifierKey, made: bytes) -> bool:
    return _holds(key, _cosigned(note, _time(made)), made[TIME_BYTES:])


def _time(made: bytes) -> int:
    return int.from_bytes(made[:TIME_BYTES], "big")


def _cosigned(note: Note, at: int) -> bytes:
    """What a witness signs."""
    return f"cosignature/v1\ntime {at}\n{note.body}".encode()


def _holds(key: VerifierKey, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except (ValueError, InvalidSignature):
        return False
    return True


def make_witness_key(path: Path, name: str) -> VerifierKey:
    """Make a witness's key in a new file that only its owner can read; its public part.

    Raises
    ------
    FileExistsError
        There is a file of that name.
    """
    secret = secrets.token_bytes(KEY_BYTES)
    public = _public(secret, name)
    coded = base64.b64encode(COSIGNATURE + secret).decode()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{PRIVATE}{name}+{public.key_id.hex()}+{coded}\n")
    return public


def cosign(note: Note, written_key: str, at: int) -> tuple[str, VerifierKey] | None:
    """The line of a cosignature over `note` at a time (POSIX seconds), and whose it is; None where the key is none."""
    try:
        name, identifier, coded = written_key.strip().removeprefix(PRIVATE).split("+", 2)
        decoded = canonical_base64(coded)
        kind, secret = decoded[:1], decoded[1:]
        key = _public(secret, name)
        made = Ed25519PrivateKey.from_private_bytes(secret).sign(_cosigned(note, at))
    except ValueError:
        return None
    if kind != COSIGNATURE or identifier != key.key_id.hex():
        return None
    blob = key.key_id + at.to_bytes(TIME_BYTES, "big") + made
    return f"{DASH}{name} {base64.b64encode(blob).decode()}\n", key


def _public(secret: bytes, name: str) -> VerifierKey:
    return VerifierKey(name, COSIGNATURE, Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw())
