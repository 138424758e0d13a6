"""The outsider's verifier, run as an outsider runs it: `python -I`, on exported files alone."""

import ast
import importlib.util
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.merkle import leaf_hash, tree_root
from governance.note import cosign, make_witness_key, parse_note
from governance.proofs import inclusion_proof
from governance.public_log import entry_proof, export_log, read_public_log
from governance.workspace import Workspace
from tests.unit.governance.forgery import ATTACKS, dated, fill, keep, newest, rewrite, write_anew

VERIFIER = Path(__file__).parents[3] / "verifier" / "verify_log.py"

LONGEST = 250

RFC8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
]
"""Public key, message and signature of section 7.1: tests 1, 2, 3 and SHA(abc)."""


@pytest.fixture(scope="module")
def verifier():
    """The file as a module, to try its parts."""
    spec = importlib.util.spec_from_file_location("verify_log", VERIFIER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("MIMAMORI_DATABASE", raising=False)
    made = Workspace.create(tmp_path / "workspace", actor="os:operator")
    fill(made)
    return made


class Outsider:
    """Somebody with the verifier, a key and what was handed to them."""

    def __init__(self, folder, workspace):
        self.folder = folder
        self.workspace = workspace
        self.key = keep(folder, "log.vkey", f"{read_public_log(workspace).key}\n")
        self.public = make_witness_key(folder / "council.key", "council.example.jp")
        self.witness = keep(folder, "council.vkey", f"{self.public}\n")
        self.exports = 0

    def export(self):
        self.exports += 1
        folder = self.folder / f"export-{self.exports}"
        export_log(read_public_log(Workspace.open(self.workspace.path)), folder)
        return folder

    def cosigned(self, note, at=None):
        moment = int(datetime.now(UTC).timestamp()) if at is None else at
        return note + cosign(parse_note(note), (self.folder / "council.key").read_text(), moment)[0]

    def verify(self, export, *more):
        """Exit code and lines."""
        command = [sys.executable, "-I", str(VERIFIER), str(export), "--key", str(self.key), *map(str, more)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, encoding="utf-8", check=False)
        assert done.stderr == ""
        return done.returncode, done.stdout.splitlines()


@pytest.fixture
def outsider(workspace, tmp_path):
    return Outsider(tmp_path, workspace)


def test_it_is_one_short_file_that_needs_nothing_but_pythons_standard_library():
    source = VERIFIER.read_text(encoding="utf-8")
    assert source.count("\n") <= LONGEST
    tree = ast.parse(source, feature_version=(3, 8))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names <= sys.stdlib_module_names
    assert [path.name for path in VERIFIER.parent.glob("*.py")] == [VERIFIER.name]


@pytest.mark.parametrize(("public", "message", "signature"), RFC8032)
def test_signatures_of_rfc_8032(verifier, public, message, signature):
    key, text, made = map(bytes.fromhex, (public, message, signature))
    assert verifier.ed25519_holds(key, text, made)
    assert not verifier.ed25519_holds(key, text + b"\0", made)
    for at in (0, 31, 32, 63):
        assert not verifier.ed25519_holds(key, text, made[:at] + bytes([made[at] ^ 1]) + made[at + 1 :])
    s = int.from_bytes(made[32:], "little") + verifier.ORDER
    assert not verifier.ed25519_holds(key, text, made[:32] + s.to_bytes(32, "little"))  # the same modulo the order
    assert not verifier.ed25519_holds(key, text, made[:63])
    assert not verifier.ed25519_holds(key, text, made + b"\0")
    assert not verifier.ed25519_holds(key[:31], text, made)
    assert not verifier.ed25519_holds(b"\xff" * 32, text, made)
    assert not verifier.ed25519_holds(b"\x02" + bytes(31), text, made)  # no point of the curve


@settings(max_examples=20, deadline=None)
@given(secret=st.binary(min_size=32, max_size=32), message=st.binary(max_size=100))
def test_it_agrees_with_a_library_about_ed25519(verifier, secret, message):
    key = Ed25519PrivateKey.from_private_bytes(secret)
    public, made = key.public_key().public_bytes_raw(), key.sign(message)
    assert verifier.ed25519_holds(public, message, made)
    assert not verifier.ed25519_holds(public, b"x" + message, made)


@given(size=st.integers(1, 80), data=st.data())
def test_its_tree_is_that_of_the_log(verifier, size, data):
    leaves = [leaf_hash(bytes([at])) for at in range(size)]
    assert verifier.tree_root(leaves) == tree_root(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(leaves, index)
    assert verifier.root_by_proof(index, size - 1, leaves[index], proof) == tree_root(leaves)
    assert verifier.root_by_proof(index, size - 1, leaves[index], [*proof, leaves[0]]) is None
    if proof:
        assert verifier.root_by_proof(index, size - 1, leaves[index], proof[:-1]) is None
        assert verifier.root_by_proof(index, size - 1, leaves[index], [proof[0] + b"\0", *proof[1:]]) is None


def test_what_is_sound_is_verified_with_all_that_was_kept(outsider, workspace):
    first = keep(outsider.folder, "first.txt", outsider.cosigned(newest(workspace)))
    entry = entry_proof(read_public_log(workspace), 3, note=first.read_text("utf-8"), disclose=True)
    shown = keep(outsider.folder, "entry.json", json.dumps(entry, ensure_ascii=False))
    fill(workspace, 5)
    second = keep(outsider.folder, "second.txt", outsider.cosigned(newest(workspace)))
    kept = ["--checkpoint", first, "--checkpoint", second, "--witness", outsider.witness, "--entry", shown]
    code, lines = outsider.verify(outsider.export(), *kept)
    assert code == 0
    assert "run-1" in lines[0]
    assert lines[-1].endswith("verified: 12 entries, 2 kept checkpoints")


@pytest.mark.parametrize(("attack", "expected"), ATTACKS)
def test_every_attack_on_the_whole_log_is_found_against_a_kept_checkpoint(outsider, workspace, attack, expected):
    kept = keep(outsider.folder, "kept.txt", newest(workspace))
    attack(workspace)
    code, lines = outsider.verify(outsider.export(), "--checkpoint", kept)
    assert code == 1
    words = expected.replace("the key of this log", "this log's key").replace("cut off", "the log was cut")
    where = ("checkpoint.txt", str(kept))  # a log under another key has no checkpoint by the key that was kept
    assert any(line.startswith(where) and words in line for line in lines)


def test_the_three_lines_printed_in_minutes_are_enough_and_an_export_without_signature_is_not(outsider, workspace):
    printed = keep(outsider.folder, "minutes.txt", newest(workspace).split("\n\n")[0] + "\n")
    fill(workspace, 2)
    export = outsider.export()
    assert outsider.verify(export, "--checkpoint", printed)[0] == 0
    assert outsider.verify(export, "--checkpoint", printed, "--witness", outsider.witness)[0] == 1
    keep(export, "checkpoint.txt", newest(workspace).split("\n\n")[0] + "\n")
    code, (line,) = outsider.verify(export)
    assert (code, line.split(":")[0]) == (1, "checkpoint.txt")
    rewrite(workspace)
    code, (line,) = outsider.verify(outsider.export(), "--checkpoint", printed)
    assert (code, line.split(":")[0]) == (1, str(printed))


def test_a_back_dated_entry_is_found_without_a_kept_checkpoint(outsider, workspace):
    write_anew(workspace, lambda found: [*found, dated(found[-1], timedelta(days=-3))])
    code, (line,) = outsider.verify(outsider.export())
    assert code == 1
    assert line.startswith("entry 8: ")
    assert line.endswith("its time goes back")


def test_entries_dated_after_a_cosignature_and_a_cosignature_that_is_none_are_found(outsider, workspace):
    note = newest(workspace)
    early = keep(outsider.folder, "early.txt", outsider.cosigned(note, at=1_600_000_000))
    code, (line,) = outsider.verify(outsider.export(), "--checkpoint", early, "--witness", outsider.witness)
    assert code == 1
    assert "covers entries dated after it was cosigned: [1, 2, 3, 4, 5]" in line
    plain = keep(outsider.folder, "plain.txt", note)
    code, (line,) = outsider.verify(outsider.export(), "--checkpoint", plain, "--witness", outsider.witness)
    assert code == 1
    assert line.endswith("no cosignature by council.example.jp holds")


def edits(leaves):
    """Ways of editing the exported lines."""
    lines = leaves.splitlines(keepends=True)
    yield b"".join([lines[1], lines[0], *lines[2:]])
    yield b"".join(lines[:-1])
    yield b"".join(lines[1:])
    yield b"".join([*lines, lines[-1]])
    yield leaves[:-1]
    yield leaves.replace(b"view", b"hold", 1)
    yield leaves.replace(b'"seq":3', b'"seq": 3')
    yield leaves.replace(b'"seq":3', b'"seq":3,"seq":3')
    yield leaves.replace(b'"commitment":"', b'"commitment":"0', 1)
    yield b""


def test_every_edit_of_the_exported_lines_is_found(outsider):
    export = outsider.export()
    leaves = (export / "leaves.jsonl").read_bytes()
    for edited in edits(leaves):
        assert edited != leaves
        (export / "leaves.jsonl").write_bytes(edited)
        code, lines = outsider.verify(export)
        assert code == 1
        assert lines


def test_words_and_proofs_that_are_not_the_entrys_are_found(outsider, workspace):
    export = outsider.export()
    log = read_public_log(workspace)
    shown, other = (entry_proof(log, seq, note=None, disclose=True) for seq in (3, 4))
    for field, value in (
        ("withheld", shown["withheld"].replace("operator", "nobody")),
        ("withheld", other["withheld"]),
        ("salt", other["salt"]),
        ("proof", other["proof"]),
        ("proof", shown["proof"][:-1]),
        ("leaf", other["leaf"]),
        ("leaf", shown["leaf"].replace("view", "hold")),
        ("checkpoint", shown["checkpoint"].replace("\n7\n", "\n6\n")),
    ):
        edited = keep(outsider.folder, "entry.json", json.dumps(shown | {field: value}))
        code, lines = outsider.verify(export, "--entry", edited)
        assert code == 1, field
        assert all(line.startswith(f"{edited}: ") for line in lines)


def test_it_says_that_a_key_from_the_export_proves_less(outsider):
    export = outsider.export()
    command = [sys.executable, "-I", str(VERIFIER), str(export)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0
    assert "compare with the key you hold: mimamori/run-log/2/" in done.stdout


@pytest.mark.parametrize("spoil", ["leaves.jsonl", "checkpoint.txt"])
def test_what_cannot_be_read_is_said_in_a_line(outsider, spoil):
    export = outsider.export()
    (export / spoil).write_bytes(b"not what it should be\n")
    code, lines = outsider.verify(export)
    assert code == 2
    assert len(lines) == 1
    (export / spoil).unlink()
    assert outsider.verify(export)[0] == 2
