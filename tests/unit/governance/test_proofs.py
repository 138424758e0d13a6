"""Inclusion and consistency proofs: published vectors, RFC 6962's own recursion as the oracle, and what was tampered.

The vectors are those of certificate transparency's own tests (transparency-dev/merkle, `proof/verify_test.go`).
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.merkle import EMPTY_ROOT, leaf_hash, tree_root
from governance.proofs import consistency_proof, extends, includes, inclusion_proof
from tests.unit.governance.test_merkle import LEAVES, by_definition

HASHES = [leaf_hash(leaf) for leaf in LEAVES]
NODES = {
    "a": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "b": "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "ab": "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "cd": "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "abcd": "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "e": "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ef": "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "g": "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
    "gh": "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "efgh": "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
}
"""Nodes of the tree over the eight leaves a to h."""

INCLUSION = [(1, 1, ""), (1, 8, "b cd efgh"), (6, 8, "e gh abcd"), (3, 3, "ab"), (2, 5, "a cd e")]
"""Number of the leaf from 1, size, proof."""

CONSISTENCY = [(1, 1, ""), (1, 8, "b cd efgh"), (6, 8, "ef gh abcd"), (2, 5, "cd e"), (6, 7, "ef g abcd")]

SIZES = [*range(1, 34), 63, 64, 65, 127, 128, 129, 200]
MANY = [leaf_hash(str(number).encode()) for number in range(max(SIZES))]


def nodes(names):
    return [bytes.fromhex(NODES[name]) for name in names.split()]


@pytest.mark.parametrize(("number", "size", "proof"), INCLUSION)
def test_published_inclusion_proofs(number, size, proof):
    leaves = HASHES[:size]
    assert inclusion_proof(leaves, number - 1) == nodes(proof)
    assert includes(tree_root(leaves), size, leaves[number - 1], number - 1, nodes(proof))


@pytest.mark.parametrize(("old", "size", "proof"), CONSISTENCY)
def test_published_consistency_proofs(old, size, proof):
    assert consistency_proof(HASHES[:size], old) == nodes(proof)
    assert extends(tree_root(HASHES[:old]), old, tree_root(HASHES[:size]), size, nodes(proof))


def path_by_definition(leaves, index):
    """RFC 6962 section 2.1.1, as written, over leaf data."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*path_by_definition(leaves[:split], index), by_definition(leaves[split:])]
    return [*path_by_definition(leaves[split:], index - split), by_definition(leaves[:split])]


def subproof_by_definition(size, leaves, known):
    """RFC 6962 section 2.1.2, as written, over leaf data."""
    if size == len(leaves):
        return [] if known else [by_definition(leaves)]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if size <= split:
        return [*subproof_by_definition(size, leaves[:split], known), by_definition(leaves[split:])]
    return [*subproof_by_definition(size - split, leaves[split:], False), by_definition(leaves[:split])]


@given(leaves=st.lists(st.binary(max_size=3), min_size=1, max_size=60), data=st.data())
def test_proofs_are_those_of_the_definition(leaves, data):
    hashes = [leaf_hash(leaf) for leaf in leaves]
    index = data.draw(st.integers(0, len(leaves) - 1))
    assert inclusion_proof(hashes, index) == path_by_definition(leaves, index)
    assert consistency_proof(hashes, index + 1) == subproof_by_definition(index + 1, leaves, True)


@pytest.mark.parametrize("size", SIZES)
def test_every_leaf_and_every_earlier_size_is_proven(size):
    leaves = MANY[:size]
    root = tree_root(leaves)
    for index in range(size):
        assert includes(root, size, leaves[index], index, inclusion_proof(leaves, index))
    for old in range(size + 1):
        assert extends(tree_root(leaves[:old]), old, root, size, consistency_proof(leaves, old))


def spoiled(proof):
    """Every way of changing a proof a little."""
    for at, node in enumerate(proof):
        yield [*proof[:at], bytes([node[0] ^ 8]) + node[1:], *proof[at + 1 :]]
        yield [*proof[:at], *proof[at + 1 :]]
        yield [*proof[:at], node, node, *proof[at + 1 :]]
        yield [*proof[:at], node + b"\0", *proof[at + 1 :]]
    yield [*proof, EMPTY_ROOT]
    yield [EMPTY_ROOT, *proof]
    if proof != proof[::-1]:
        yield proof[::-1]


@given(size=st.integers(1, 200), data=st.data())
def test_a_tampered_inclusion_proof_fails(size, data):
    leaves = MANY[:size]
    index = data.draw(st.integers(0, size - 1))
    root, leaf, proof = tree_root(leaves), leaves[index], inclusion_proof(leaves, index)
    assert not any(includes(root, size, leaf, index, other) for other in spoiled(proof))
    assert not any(includes(root, size, leaf, other, proof) for other in range(-1, size + 1) if other != index)
    assert not includes(root, size, MANY[index - 1] if size > 1 else EMPTY_ROOT, index, proof)
    assert not includes(EMPTY_ROOT, size, leaf, index, proof)


@given(size=st.integers(2, 200), data=st.data())
def test_a_tampered_consistency_proof_fails(size, data):
    old = data.draw(st.integers(1, size - 1))
    root, old_root, proof = tree_root(MANY[:size]), tree_root(MANY[:old]), consistency_proof(MANY[:size], old)
    assert not any(extends(old_root, old, root, size, other) for other in spoiled(proof))
    assert not any(extends(old_root, other, root, size, proof) for other in range(1, size + 1) if other != old)
    assert not extends(root, old, old_root, size, proof)
    assert not extends(EMPTY_ROOT, old, root, size, proof)
    assert not extends(old_root, old, EMPTY_ROOT, size, proof)


@given(size=st.integers(2, 200), data=st.data())
def test_no_proof_shows_that_a_rewritten_log_extends_the_old_one(size, data):
    """The best that a forger can do is the honest proof of the log they made."""
    old = data.draw(st.integers(1, size - 1))
    at = data.draw(st.integers(0, old - 1))
    rewritten = [*MANY[:at], EMPTY_ROOT, *MANY[at + 1 : size]]
    for proof in (consistency_proof(rewritten, old), consistency_proof(MANY[:size], old)):
        assert not extends(tree_root(MANY[:old]), old, tree_root(rewritten), size, proof)


def test_sizes_that_need_no_proof_take_none():
    assert extends(EMPTY_ROOT, 0, HASHES[0], 1, [])
    assert not extends(EMPTY_ROOT, 0, HASHES[0], 1, [EMPTY_ROOT])
    assert extends(HASHES[0], 1, HASHES[0], 1, [])
    assert not extends(HASHES[0], 1, HASHES[1], 1, [])
    assert not extends(tree_root(HASHES), 8, tree_root(HASHES[:7]), 7, [])


@pytest.mark.parametrize("index", [-1, 8])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index):
    with pytest.raises(IndexError):
        inclusion_proof(HASHES, index)
    with pytest.raises(IndexError):
        consistency_proof(HASHES, 9 if index == 8 else -1)
