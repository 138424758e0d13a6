"""A checkpoint is read back only as it was signed, by the key it is checked with."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from governance.checkpoint import (
    Checkpoint,
    draft_checkpoint,
    genuine_checkpoint,
    parse_checkpoint,
    settle_drafts,
    signed_note,
)
from governance.custody import Custody
from governance.note import VerifierKey, parse_verifier_key

CHECKPOINT = Checkpoint("mimamori/run-log/2/0123456789abcdef", 7, bytes(range(32)))


@pytest.fixture
def custody(tmp_path):
    made = Custody(tmp_path / "keys")
    made.create()
    return made


def key_of(custody) -> VerifierKey:
    key = parse_verifier_key(custody.verifier_key(CHECKPOINT.origin))
    assert key is not None
    return key


def test_the_note_is_a_c2sp_signed_note_that_any_ed25519_library_verifies(custody):
    note = signed_note(CHECKPOINT, custody)
    assert note.startswith(
        f"{CHECKPOINT.origin}\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n— {CHECKPOINT.origin} "
    )
    body, signature_line = note.split("\n\n")
    signature = base64.b64decode(signature_line.split(" ")[2])
    name, hashed, key = custody.verifier_key(CHECKPOINT.origin).split("+", 2)
    assert name == CHECKPOINT.origin
    assert signature[:4].hex() == hashed
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key)[1:])
    public.verify(signature[4:], f"{body}\n".encode())


def test_it_is_read_back(custody):
    assert genuine_checkpoint(signed_note(CHECKPOINT, custody), key_of(custody)) == CHECKPOINT


def test_any_changed_character_makes_it_not_genuine(custody):
    note = signed_note(CHECKPOINT, custody)
    key = key_of(custody)
    for position, character in enumerate(note[:-1]):
        changed = note[:position] + ("A" if character != "A" else "B") + note[position + 1 :]
        assert genuine_checkpoint(changed, key) is None, position


def test_another_workspaces_key_does_not_verify_it(custody, tmp_path):
    other = Custody(tmp_path / "other")
    other.create()
    assert genuine_checkpoint(signed_note(CHECKPOINT, other), key_of(custody)) is None


@pytest.mark.parametrize("note", ["", "a\n\n", "a\nb\nc\n\n— a AAAA\n", "no note at all"])
def test_what_is_not_a_note_is_not_genuine(custody, note):
    assert genuine_checkpoint(note, key_of(custody)) is None


@pytest.mark.parametrize("size", ["07", "+7", " 7", "٧", "-1", "7.0"])
def test_a_checkpoint_has_one_spelling(size):
    assert parse_checkpoint(CHECKPOINT.body()) == CHECKPOINT
    assert parse_checkpoint(CHECKPOINT.body().replace("\n7\n", f"\n{size}\n")) is None


def test_a_draft_is_made_good_once_its_entry_is_committed(custody, tmp_path):
    draft = draft_checkpoint(tmp_path, CHECKPOINT, custody)
    settle_drafts(tmp_path, CHECKPOINT.size)
    assert not draft.exists()
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["0000000007.txt"]


def test_a_draft_of_an_entry_that_was_never_committed_is_dropped(custody, tmp_path):
    draft_checkpoint(tmp_path, CHECKPOINT, custody)
    settle_drafts(tmp_path, CHECKPOINT.size - 1)
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []


def test_a_draft_never_replaces_a_checkpoint_that_stands(custody, tmp_path):
    draft_checkpoint(tmp_path, CHECKPOINT, custody)
    settle_drafts(tmp_path, CHECKPOINT.size)
    genuine = (tmp_path / "0000000007.txt").read_text(encoding="utf-8")
    (tmp_path / "drafts" / "0000000007.txt").write_text("forged")
    settle_drafts(tmp_path, CHECKPOINT.size)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["0000000007.txt"]
    assert (tmp_path / "0000000007.txt").read_text(encoding="utf-8") == genuine
