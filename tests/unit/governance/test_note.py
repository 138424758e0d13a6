"""Signed notes and cosignatures: the published examples, the form of the specification, and what does not hold."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from governance.note import (
    VerifierKey,
    cosign,
    cosigned_at,
    is_signed,
    make_witness_key,
    parse_note,
    parse_verifier_key,
)

PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
"""From the tests of golang.org/x/mod/sumdb/note."""

WITNESS_KEY = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
"""A key of a witness, from the tests of github.com/transparency-dev/formats."""

COSIGNED = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
"""The example of C2SP tlog-cosignature, whose time is 1679315147."""

NOTE = parse_note(COSIGNED)
BODY = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


@pytest.fixture(scope="module")
def witness(tmp_path_factory):
    path = tmp_path_factory.mktemp("witness") / "key"
    return make_witness_key(path, "witness.example.com/w1"), path.read_text()


def test_the_published_note_is_signed_by_the_published_key():
    key = parse_verifier_key(PUBLISHED_KEY)
    assert str(key) == PUBLISHED_KEY
    assert is_signed(parse_note(PUBLISHED_NOTE), key)
    assert not is_signed(parse_note(PUBLISHED_NOTE.replace("answer", "Answer")), key)


@pytest.mark.parametrize("written", [PUBLISHED_KEY, WITNESS_KEY])
def test_a_published_key_is_read_and_written_back(written):
    assert str(parse_verifier_key(written)) == written
    assert parse_verifier_key(written[:-1]) is None
    assert parse_verifier_key(written.replace("+", "+0", 1)) is None


@pytest.mark.parametrize("written", ["", "a+b", "a+00000000+AQ==", "test+NOT_A_NUMBER+AwEB", "a+b+THIS_IS_NOT_BASE64!"])
def test_what_is_no_key_is_none(written):
    assert parse_verifier_key(written) is None


def test_the_example_of_the_specification_is_read_as_it_says():
    assert NOTE is not None
    assert NOTE.body == BODY
    log, cosigner = NOTE.signatures
    assert (log.name, len(log.made)) == ("example.com/behind-the-sofa", 64)
    assert (cosigner.name, int.from_bytes(cosigner.made[:8], "big")) == ("witness.example.com/w1", 1679315147)


def test_a_cosignature_is_over_the_message_of_the_specification(witness):
    public, secret = witness
    line, made_by = cosign(NOTE, secret, 1679315147)
    assert made_by == public
    assert public.kind == b"\x04"
    dash, name, coded = line.removesuffix("\n").split(" ")
    blob = base64.b64decode(coded)
    assert (dash, name, blob[:4], blob[4:12]) == ("—", public.name, public.key_id, bytes.fromhex("00000000641850cb"))
    message = f"cosignature/v1\ntime 1679315147\n{BODY}".encode()
    Ed25519PublicKey.from_public_bytes(public.public).verify(blob[12:], message)
    assert cosigned_at(parse_note(COSIGNED + line), public) == 1679315147


def test_of_two_cosignatures_by_one_witness_the_earlier_time_counts_and_a_false_one_spoils_both(witness):
    public, secret = witness
    lines = [cosign(NOTE, secret, at)[0] for at in (1700000000, 1600000000)]
    assert cosigned_at(parse_note(COSIGNED + "".join(lines)), public) == 1600000000
    other = cosign(parse_note(COSIGNED.replace("20852163", "20852164")), secret, 1600000000)[0]
    assert cosigned_at(parse_note(COSIGNED + lines[0] + other), public) is None


def test_a_cosignature_is_no_signature_of_the_log_and_the_other_way_round(witness):
    public, secret = witness
    note = parse_note(COSIGNED + cosign(NOTE, secret, 1)[0])
    assert not is_signed(note, public)
    key = parse_verifier_key(PUBLISHED_KEY)
    assert cosigned_at(parse_note(PUBLISHED_NOTE), key) is None
    assert cosigned_at(parse_note(PUBLISHED_NOTE), VerifierKey(key.name, b"\x04", key.public)) is None


@given(at=st.integers(0, 300), value=st.sampled_from("AB \n+—\x00"))
def test_any_changed_character_of_a_cosigned_note_is_found(witness, at, value):
    public, secret = witness
    note = PUBLISHED_NOTE.split("— ")[0] + cosign(parse_note(PUBLISHED_NOTE), secret, 1700000000)[0]
    at %= len(note) - 1
    changed = parse_note(note[:at] + value + note[at + 1 :])
    assert note[at] == value or changed is None or cosigned_at(changed, public) is None


@pytest.mark.parametrize(
    "written",
    [
        "",
        "text",
        "text\n",
        "text\n\n",
        "text\n\nname AAAA\n",
        "text\n\n— name\n",
        "text\n\n— name AAA\n",
        "t\n\n— a b AAAA",
    ],
)
def test_what_is_no_note_is_none(written):
    assert parse_note(written) is None


def test_text_ends_at_the_last_empty_line():
    assert parse_note("one\n\ntwo\n\n— name AAAAAAAA\n").body == "one\n\ntwo\n"


@pytest.mark.parametrize("written", ["", "PRIVATE+KEY+a", "PRIVATE+KEY+a+00000000+AAAA", PUBLISHED_KEY])
def test_what_is_no_witnesss_key_signs_nothing(written):
    assert cosign(NOTE, written, 1) is None


def test_a_witnesss_key_is_readable_by_its_owner_alone_and_never_replaced(tmp_path):
    make_witness_key(tmp_path / "key", "council")
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    with pytest.raises(FileExistsError):
        make_witness_key(tmp_path / "key", "council")
