"""What leaves of the log tells of nobody, and proves what it says."""

import base64
import hashlib
import hmac
import json

import pytest

from governance.digest import canonical_json
from governance.merkle import leaf_hash
from governance.note import parse_note
from governance.proofs import includes
from governance.public_log import entry_proof, export_log, read_public_log, witness_request
from governance.runlog import Kind
from tests.unit.governance.forgery import fill, newest, rewrite
from vocabulary.errors import IntegrityError, UsageError, WorkspaceError

PLANTED = {"actor": "os:marker-actor", "subject": "marker-subject", "body": {"reason": "marker-reason", "n": 7}}


def guesses():
    """Everything that somebody who knows an entry's words could look for in what is public."""
    body, withheld = canonical_json(PLANTED["body"]), canonical_json(PLANTED)
    words = [PLANTED["actor"].encode(), PLANTED["subject"].encode(), b"marker-reason", body, withheld]
    for word in words:
        digest = hashlib.sha256(word)
        yield from (word, digest.hexdigest().encode(), base64.b64encode(digest.digest()))
        yield hmac.digest(b"", word, "sha256").hex().encode()
        yield leaf_hash(word).hex().encode()


def test_a_published_log_holds_no_planted_word_nor_a_hash_of_one(workspace, tmp_path):
    for _ in range(2):
        entry = workspace.log(**PLANTED, kind=Kind.VIEW)
    log = read_public_log(workspace)
    files = export_log(log, tmp_path / "public")
    proof = json.dumps(entry_proof(log, entry.seq, note=None, disclose=False)).encode()
    for content in (*(file.read_bytes() for file in files), proof, witness_request(log, log.note).encode()):
        assert not any(guess in content for guess in guesses())
        assert entry.salt.encode() not in content
    assert any(b"marker-reason" in guess for guess in guesses())
    first, second = log.leaves()[-2:]
    assert json.loads(first)["commitment"] != json.loads(second)["commitment"]  # the same words


def test_a_leaf_has_the_public_fields_and_the_words_give_its_commitment(workspace):
    entry = workspace.log(**PLANTED, kind=Kind.EXPORT)
    leaf = json.loads(entry.leaf())
    assert canonical_json(leaf) == entry.leaf()
    assert leaf == {
        "at": entry.at,
        "commitment": hmac.digest(entry.salt.encode(), canonical_json(PLANTED), "sha256").hex(),
        "kind": "export",
        "previous": entry.previous_hash,
        "seq": 2,
    }
    assert len(entry.salt) == 64


def test_every_entry_is_proven_by_every_checkpoint_that_covers_it(workspace):
    notes = [newest(workspace)]
    for _ in range(4):
        fill(workspace, 2)
        notes.append(newest(workspace))
    log = read_public_log(workspace)
    for note in notes:
        _, size, root = parse_note(note).body.removesuffix("\n").split("\n")
        for seq in range(1, int(size) + 1):
            shown = entry_proof(log, seq, note=note, disclose=False)
            proof = [base64.b64decode(one) for one in shown["proof"]]
            leaf = leaf_hash(shown["leaf"].encode())
            assert includes(base64.b64decode(root), int(size), leaf, seq - 1, proof)
            assert shown.keys() == {"leaf", "proof", "checkpoint"}


def test_the_words_of_an_entry_are_shown_where_they_are_asked_for(workspace):
    entry = workspace.log(**PLANTED, kind=Kind.VIEW)
    shown = entry_proof(read_public_log(workspace), entry.seq, note=None, disclose=True)
    assert json.loads(shown["withheld"]) == PLANTED
    assert shown["salt"] == entry.salt


def test_there_is_no_proof_of_what_is_not_there_or_came_later(workspace):
    early = newest(workspace)
    fill(workspace, 2)
    log = read_public_log(workspace)
    for seq in (0, 4, -1):
        with pytest.raises(WorkspaceError, match=f"no entry {seq}; the log has 3"):
            entry_proof(log, seq, note=None, disclose=False)
    with pytest.raises(UsageError, match="Entry 2 was written after this checkpoint of 1"):
        entry_proof(log, 2, note=early, disclose=False)


def test_nothing_is_proven_by_a_checkpoint_that_does_not_fit(workspace):
    fill(workspace)
    kept = newest(workspace)
    rewrite(workspace)
    with pytest.raises(IntegrityError, match="first 7 entries are not those"):
        entry_proof(read_public_log(workspace), 2, note=kept, disclose=False)


def test_an_export_is_the_leaves_the_newest_checkpoint_and_the_key(workspace, tmp_path):
    fill(workspace, 3)
    log = read_public_log(workspace)
    leaves, checkpoint, key = export_log(log, tmp_path / "public")
    assert leaves.read_bytes().splitlines() == log.leaves()
    assert checkpoint.read_text(encoding="utf-8") == newest(workspace)
    assert key.read_bytes() == (workspace.path / "checkpoints" / "log.vkey").read_bytes()
