"""The Merkle tree hash of RFC 6962 (section 2.1), grown one leaf at a time.

A log of n entries has one root that every entry enters, and two roots of different sizes can be proven to belong to
one log that only grew. What is kept between two appends is the frontier: the roots of the full subtrees that make up
the tree, largest first, at most one a bit of n.
"""

import hashlib
from collections.abc import Iterable

Frontier = tuple[bytes, ...]

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def push(frontier: Frontier, size: int, data: bytes) -> Frontier:
    """Frontier of the tree of `size` leaves after one more.

    The full subtrees of n leaves are the one bits of n; adding a leaf merges as many of them as n has trailing ones.
    """
    *kept, last = (*frontier, leaf_hash(data))
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


def roots(leaves: Iterable[bytes]) -> Iterable[bytes]:
    """Root after each leaf, in order."""
    frontier: Frontier = ()
    for size, data in enumerate(leaves):
        frontier = push(frontier, size, data)
        yield root(frontier)
