"""A witness signs what is proven to continue what they signed before, and nothing else."""

import pytest

from governance.note import cosigned_at, make_witness_key, parse_note
from governance.public_log import read_public_log, witness_request
from governance.witness import countersign
from governance.workspace import Workspace
from tests.unit.governance.forgery import fill, insert_back_dated, newest, rewrite, split_view, truncate
from vocabulary.errors import IntegrityError, UsageError


@pytest.fixture
def council(workspace, tmp_path):
    """What a witness does: sign a request, having seen something or not."""
    fill(workspace)
    make_witness_key(tmp_path / "council.key", "council.example.jp")
    log_key = read_public_log(workspace).key

    def sign(request, seen=None):
        secret = (tmp_path / "council.key").read_text()
        return countersign(request, log_key=log_key, seen=seen, witness_key=secret, at=1700000000)

    return sign


def request(workspace, seen):
    return witness_request(read_public_log(workspace), seen)


def test_the_first_checkpoint_is_signed_as_it_is_and_each_later_one_after_its_proof(workspace, council):
    done = council(newest(workspace))
    for number in (1, 3, 0, 8):
        fill(workspace, number)
        done = council(request(workspace, done.note), seen=done.note)
        assert cosigned_at(parse_note(done.note), done.witness) == 1700000000
    assert done.checkpoint.size == 19


def test_a_request_has_the_form_of_the_specification(workspace, council):
    seen = council(newest(workspace)).note
    fill(workspace, 2)
    head, blank, note = request(workspace, seen).partition("\n\n")
    assert blank
    assert note == newest(workspace)
    first, *hashes = head.split("\n")
    assert first == "old 7"
    assert all(len(one) == 44 for one in hashes)
    assert hashes


@pytest.mark.parametrize("forge", [rewrite, insert_back_dated, split_view])
def test_a_log_that_was_not_only_continued_is_not_signed(workspace, council, forge):
    seen = council(newest(workspace)).note
    genuine = request(workspace, seen)
    fill(workspace, 4)
    honest = request(workspace, seen)
    forge(workspace)
    forged = newest(workspace)
    proof = honest.partition("\n\n")[0]
    for tried in (f"{proof}\n\n{forged}", f"old 7\n\n{forged}", f"{genuine.partition(chr(10) * 2)[0]}\n\n{forged}"):
        with pytest.raises(IntegrityError, match="no continuation of the 7 entries"):
            council(tried, seen=seen)


def test_a_shortened_log_is_not_signed(workspace, council):
    seen = council(newest(workspace)).note
    truncate(workspace)
    with pytest.raises(IntegrityError, match="not those the checkpoint was signed for"):
        request(workspace, seen)
    with pytest.raises(IntegrityError, match="no continuation"):
        council(f"old 7\n\n{newest(workspace)}", seen=seen)


def test_a_checkpoint_alone_is_not_signed_once_another_was(workspace, council):
    seen = council(newest(workspace)).note
    with pytest.raises(IntegrityError, match="no proof from the checkpoint of 7"):
        council(newest(workspace), seen=seen)


def test_another_logs_checkpoint_is_not_signed(workspace, council, tmp_path):
    other = Workspace.create(tmp_path / "other", actor="os:operator")
    with pytest.raises(IntegrityError, match="not signed by this log's key"):
        council(newest(other))
    with pytest.raises(IntegrityError, match="not signed by this log's key"):
        council(request(workspace, newest(workspace)), seen=newest(other))
    with pytest.raises(IntegrityError, match="not signed by this log's key"):
        request(workspace, newest(other))


@pytest.mark.parametrize("written", ["", "old\n\n", "old x\n\nnote", "old 7\nnot base64\n\nnote"])
def test_what_is_no_request_is_not_signed(workspace, council, written):
    with pytest.raises(IntegrityError, match="not signed by this log's key"):
        council(written)


def test_a_key_that_is_none_signs_nothing(workspace):
    log = read_public_log(workspace)
    with pytest.raises(UsageError, match="no witness's key"):
        countersign(log.note, log_key=log.key, seen=None, witness_key="", at=1)
