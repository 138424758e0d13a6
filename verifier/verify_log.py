"""見守りの処理記録を外部の人が自分で確かめる / Checks the run log of Mimamori from outside.

標準ライブラリだけで動く / needs nothing but Python's standard library, 3.8 or later:
    python3 -I verify_log.py EXPORT --key log.vkey --checkpoint kept.txt --witness council.vkey --entry proof.json
EXPORT        folder written by `mimamori log export`: leaves.jsonl, checkpoint.txt, log.vkey
--key         a public key of the log as it was once given to you; else that of EXPORT, which proves less
--checkpoint  a checkpoint that you kept, or its three lines as printed in minutes; these three may be repeated
--witness     public key of somebody who cosigned every kept checkpoint
--entry       written by `mimamori log proof`: that an entry is in the log, and its words
It ends with 0 if all holds, 1 if something does not, 2 if something could not be read. What is checked:
1. Each line of leaves.jsonl is one entry: number, time, kind, hash of the line before, and a commitment to its words.
2. The lines give the Merkle root (RFC 6962) that the log signed (C2SP signed note, Ed25519) in checkpoint.txt. Where
   its key was replaced, the old key introduced the new one: log.vkey has notes that both signed.
3. The first lines, as many as a kept checkpoint covers, give the root of that checkpoint: the log only grew.
4. A cosignature (C2SP cosignature/v1) is the witness's, and no entry that it covers is dated after it.
5. An entry's proof leads to a signed root, and the words shown are those that the entry is bound to.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import itertools
import json
import re
import sys
import time
from pathlib import Path
from typing import Any, List, Tuple  # noqa: UP035 - for Python 3.8

FIELDS = {"at", "commitment", "kind", "previous", "seq"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00\Z")
LOG, WITNESS, CLOCKS_DIFFER = 1, 4, 300  # types of signature in C2SP; seconds
Keys = List[Tuple[int, "Key"]]  # noqa: UP006 - keys of the log, and the number of entries from which each signs
problems: list[str] = []
P = 2**255 - 19  # Ed25519 (RFC 8032, section 5.1), points in extended coordinates (X, Y, Z, T)
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BASE = bytes.fromhex("58" + 31 * "66")


def add(p: tuple[int, ...], q: tuple[int, ...]) -> tuple[int, ...]:
    """Sum of two points."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    return (b - a) * (d - c) % P, (d + c) * (b + a) % P, (d - c) * (d + c) % P, (b - a) * (b + a) % P


def multiply(factor: int, point: tuple[int, ...]) -> tuple[int, ...]:
    """A point added to itself `factor` times."""
    doubled = multiply(factor // 2, add(point, point)) if factor else (0, 1, 1, 0)
    return add(doubled, point) if factor % 2 else doubled


def decode(data: bytes) -> tuple[int, ...]:
    """The point that 32 bytes stand for."""
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x * pow(2, (P - 1) // 4, P) % P if (x * x - square) % P else x
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise ValueError("not a point")
    x = P - x if x % 2 != sign else x  # the other of the two roots
    return x, y, 1, x * y % P


def ed25519_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` over `message` is by the owner of the key `public`."""
    try:
        key, r, s = decode(public), decode(signature[:32]), int.from_bytes(signature[32:], "little")
    except (ValueError, IndexError):
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    left, right = multiply(s, decode(BASE)), add(r, multiply(int.from_bytes(digest, "little") % ORDER, key))
    same = all((left[axis] * right[2] - right[axis] * left[2]) % P == 0 for axis in (0, 1))
    return same and s < ORDER and (len(public), len(signature)) == (32, 64)


class Key:
    """A public key of C2SP, written `name+id+key`."""

    def __init__(self, written: str) -> None:
        self.name, _, coded = written.split("\n")[0].strip().split("+", 2)
        decoded = base64.b64decode(coded, validate=True)
        self.kind, self.public = decoded[0], decoded[1:]
        self.id = sha256(self.name.encode(), b"\n", decoded)[:4]


class Checkpoint:
    """A note of C2SP that says: the log of this origin had `size` entries, and their root was `root`."""

    def __init__(self, where: str, written: str) -> None:
        text, _, lines = (written if "\n\n" in written else written + "\n").rpartition("\n\n")
        self.where, self.body = where, text + "\n"
        self.origin, size, root = text.split("\n")
        self.size, self.root = int(size), base64.b64decode(root, validate=True)
        if f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}" != text:
            raise ValueError(where)
        self.signatures = [line.split(" ") for line in lines.splitlines()]

    def signed_by(self, key: Key) -> list[bytes]:
        """The signatures that stand under the note in the name of a key."""
        made = [base64.b64decode(one[2]) for one in self.signatures if one[:2] == ["—", key.name] and len(one) == 3]
        return [one[4:] for one in made if one[:4] == key.id]

    def is_signed(self, keys: Keys) -> bool:
        """Whether the log signed it, by the key of that time."""
        key = [key for since, key in keys if since <= self.size][-1]
        made = self.signed_by(key)
        return key.kind == LOG and bool(made) and all(ed25519_holds(key.public, self.body.encode(), s) for s in made)

    def cosigned_at(self, key: Key) -> int | None:
        """When a witness cosigned it, in seconds since 1970."""
        made = [(int.from_bytes(one[:8], "big"), one[8:]) for one in self.signed_by(key)]
        holds = [ed25519_holds(key.public, f"cosignature/v1\ntime {at}\n{self.body}".encode(), s) for at, s in made]
        return min(made)[0] if made and all(holds) and key.kind == WITNESS else None


def read(path: str | Path) -> str:
    """A text file, whatever its line ends."""
    return Path(path).read_text(encoding="utf-8-sig")


def sha256(*parts: bytes) -> bytes:
    """Hash of the parts together: of a leaf after the byte 0, of an inner node after the byte 1."""
    return hashlib.sha256(b"".join(parts)).digest()


def tree_root(level: list[bytes]) -> bytes:
    """Root over leaf hashes, level by level; a node without a neighbour goes up as it is."""
    while len(level) > 1:
        pairs = range(0, len(level) - 1, 2)
        level = [sha256(b"\x01", level[at], level[at + 1]) for at in pairs] + level[2 * len(pairs) :]
    return level[0] if level else sha256()


def root_by_proof(at: int, last: int, joined: bytes, proof: list[bytes]) -> bytes | None:
    """The root to which a proof leads from leaf `at` (from 0) if the last leaf is `last` (RFC 6962, 2.1.1)."""
    if last == 0 or not proof or len(proof[-1]) != 32:
        return joined if last == 0 and not proof else None
    half, sibling = 1 << (last.bit_length() - 1), proof[-1]
    below = root_by_proof(at % half, half - 1 if at < half else last - half, joined, proof[:-1])
    return below and (sha256(b"\x01", below, sibling) if at < half else sha256(b"\x01", sibling, below))


def check(holds: bool, where: str, said: str) -> None:
    """Remember what does not hold."""
    if not holds:
        problems.append(f"{where}: {said}")


def check_leaves(lines: list[bytes]) -> list[dict[str, Any]]:
    """1. The chain of entries."""
    entries, previous, before = [json.loads(line) for line in lines], "0" * 64, ""
    for number, entry in enumerate(entries, start=1):
        where, line = f"entry {number}", lines[number - 1]
        spelling = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        check(spelling == line and set(entry) == FIELDS, where, "形が違います / not in the form of an entry")
        check(entry["seq"] == number, where, "番号が続きません / its number is not the next one")
        check(entry["previous"] == previous, where, "前につながりません / does not follow from the one before")
        check(bool(TIME.match(entry["at"])) and entry["at"] >= before, where, "日時が戻っています / its time goes back")
        previous, before = sha256(b"\x00", line).hex(), entry["at"]
    return entries


def log_keys(export: Path, given: str | None, entries: list[dict[str, Any]]) -> Keys:
    """2. The keys of the log, each introduced by the one before; the given one alone where it is none of them."""
    first, *parts = read(export / "log.vkey").split("\n\n")
    keys = [(0, Key(first))]
    for at in range(0, len(parts) - 1, 2):
        (since, old), one = keys[-1], Checkpoint("log.vkey", "\n\n".join(parts[at : at + 2]))
        new = Key(f"{old.name}++{base64.b64encode(bytes([LOG]) + one.root).decode()}")
        signed = one.origin == f"{old.name}/key" and one.is_signed([(0, old)]) and one.is_signed([(0, new)])
        holds = signed and since < one.size <= len(entries) and entries[one.size - 1]["kind"] == "rotation"
        check(holds, "log.vkey", "紹介のない鍵です / a key that the one before did not introduce")
        keys += [(one.size, new)] * holds
    known = Key(read(given) if given else first)
    return keys if known.public in [key.public for _, key in keys] else [(0, known)]


def check_checkpoint(one: Checkpoint, keys: Keys, hashes: list[bytes]) -> None:
    """2. and 3. A checkpoint against the entries."""
    if one.origin != keys[0][1].name:
        check(False, one.where, f"別の記録のものです / of another log: {one.origin}")
    elif one.signatures and not one.is_signed(keys):
        check(False, one.where, "署名が合いません / not signed by this log's key: forged, or the key was replaced")
    elif one.size > len(hashes):
        check(False, one.where, f"末尾が削られています / the log was cut: it had {one.size} entries")
    elif tree_root(hashes[: one.size]) != one.root:
        check(False, one.where, f"署名時の記録と違います / the first {one.size} entries are not those that were signed")


def check_witness(one: Checkpoint, witness: Key, entries: list[dict[str, Any]]) -> None:
    """4. A cosignature, and the time of it."""
    at = one.cosigned_at(witness)
    check(at is not None, one.where, f"連署が合いません / no cosignature by {witness.name} holds")
    limit = time.strftime("%Y-%m-%dT%H:%M:%S~", time.gmtime(min(2**33, 2**33 if at is None else at) + CLOCKS_DIFFER))
    late = [entry["seq"] for entry in entries[: one.size] if entry["at"] > limit]
    check(not late, one.where, f"連署より後の項目があります / covers entries dated after it was cosigned: {late[:5]}")


def check_entry(where: str, keys: Keys, lines: list[bytes]) -> str:
    """5. One entry's proof, and its words where they were shown."""
    shown = json.loads(read(where))
    line, one, words = shown["leaf"].encode(), Checkpoint(where, shown["checkpoint"]), shown.get("withheld", "")
    entry, proof = json.loads(line), [base64.b64decode(step) for step in shown["proof"]]
    index, signed = entry["seq"] - 1, one.origin == keys[0][1].name and one.is_signed(keys)
    root = root_by_proof(index, one.size - 1, sha256(b"\x00", line), proof) if 0 <= index < one.size else None
    check(signed, where, "署名が合いません / its checkpoint is not signed")
    check(root == one.root, where, "証明になっていません / does not prove that the entry is in the log")
    check(lines[index : index + 1] == [line], where, "公開された項目と違います / not the entry that was exported")
    bound = hmac.new(shown.get("salt", "").encode(), words.encode(), hashlib.sha256).hexdigest()
    check(not words or bound == entry["commitment"], where, "内容が違います / not the words the entry is bound to")
    return f"{where}: {entry['seq']} {entry['kind']} {words}"


def main() -> int:
    """Check what the command line names; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", type=Path)
    parser.add_argument("--key")
    for name in ("--checkpoint", "--witness", "--entry"):
        parser.add_argument(name, action="append", default=[])
    given = parser.parse_args()
    lines = (given.export / "leaves.jsonl").read_bytes().split(b"\n")[:-1]
    entries, hashes = check_leaves(lines), [sha256(b"\x00", line) for line in lines]
    keys = log_keys(given.export, given.key, entries)
    newest = Checkpoint("checkpoint.txt", read(given.export / "checkpoint.txt"))
    whole = newest.size == len(lines) and bool(newest.signatures)
    check(whole, newest.where, f"項目数か署名が違います / is not signed, or not for {len(lines)} entries")
    kept = [Checkpoint(path, read(path)) for path in given.checkpoint]
    for one in [newest, *kept]:
        check_checkpoint(one, keys, hashes)
    for one, path in itertools.product(kept, given.witness):
        check_witness(one, Key(read(path)), entries)
    shown = [check_entry(path, keys, lines) for path in given.entry]
    if not given.key:
        print("手元の控えと比べてください / compare with the key you hold:", read(given.export / "log.vkey").strip())
    print("\n".join(problems or [*shown, f"確認済み / verified: {len(lines)} entries, {len(kept)} kept checkpoints"]))
    return 1 if problems else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print("読めません / cannot be read:", type(error).__name__, error)
        sys.exit(2)
