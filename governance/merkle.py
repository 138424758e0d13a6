"""The Merkle tree hash of RFC 6962 (section 2.1), grown one leaf at a time.

A log of n entries has one root that every entry enters, and two roots of different sizes can be proven to belong to
one log that only grew (`governance.proofs`). What is kept between two appends is the frontier: the roots of the full
subtrees that make up the tree, largest first, at most one a bit of n. All functions but `leaf_hash` take leaf hashes.
"""

import hashlib
from collections.abc import Sequence

Frontier = tuple[bytes, ...]

HASH_BYTES = 32

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def push(frontier: Frontier, size: int, leaf: bytes) -> Frontier:
    """Frontier of the tree of `size` leaves after one more, whose hash is `leaf`.

    The full subtrees of n leaves are the one bits of n; adding a leaf merges as many of them as n has trailing ones.
    """
    *kept, last = (*frontier, leaf)
    while size & 1:
        last = node_hash(kept.pop(), last)
        size >>= 1
    return (*kept, last)


def root(frontier: Frontier) -> bytes:
    """Root of the tree whose full subtrees are `frontier`."""
    if not frontier:
        return EMPTY_ROOT
    *rest, joined = frontier
    for subtree in reversed(rest):
        joined = node_hash(subtree, joined)
    return joined


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """Root of the tree over these leaf hashes, computed level by level.

    A node without a neighbour goes up as it is, which gives the tree of the definition.
    """
    level = list(leaves)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        paired = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0]
