"""Short proofs about the Merkle tree: that an entry is in it, and that a later tree only added to an earlier one.

Made as in RFC 6962, sections 2.1.1 and 2.1.2; verified by the steps of RFC 9162, sections 2.1.3.2 and 2.1.4.2. A proof
is a list of at most 2 log2(n) hashes, so whoever keeps one signed root can check a log without seeing the rest of it.
"""

from collections.abc import Sequence

from governance.merkle import HASH_BYTES, node_hash, tree_root


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Hashes that lead from the leaf `index` (from 0) to the root of the tree over all leaf hashes.

    Raises
    ------
    IndexError
        There is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    left, right = leaves[:split], leaves[split:]
    if index < split:
        return [*inclusion_proof(left, index), tree_root(right)]
    return [*inclusion_proof(right, index - split), tree_root(left)]


def consistency_proof(leaves: Sequence[bytes], size: int) -> list[bytes]:
    """Hashes that show that the tree over the first `size` leaf hashes is where the tree over all of them began.

    Empty where `size` is 0 or the size of the whole tree.

    Raises
    ------
    IndexError
        The tree is smaller than `size`.
    """
    if not 0 <= size <= len(leaves):
        raise IndexError(size)
    return _subproof(leaves, size, whole=True) if size else []


def _subproof(leaves: Sequence[bytes], size: int, *, whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962; `whole` says that the subtree is the earlier tree itself, whose root is known."""
    if size == len(leaves):
        return [] if whole else [tree_root(leaves)]
    split = _split(len(leaves))
    left, right = leaves[:split], leaves[split:]
    if size <= split:
        return [*_subproof(left, size, whole=whole), tree_root(right)]
    return [*_subproof(right, size - split, whole=False), tree_root(left)]


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def includes(root: bytes, size: int, leaf: bytes, index: int, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that `leaf` is the leaf hash `index` (from 0) of a tree with this size and root."""
    if not 0 <= index < size or not _are_hashes(leaf, *proof):
        return False
    at, last, joined = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            joined = node_hash(sibling, joined)
            at, last = _up_to_a_right_child(at, last)
        else:
            joined = node_hash(joined, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and joined == root


def extends(old_root: bytes, old_size: int, root: bytes, size: int, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree of `size` leaves began with the tree of `old_size` leaves.

    Every tree began with the tree of no leaves, whose root the caller knows: `EMPTY_ROOT`.
    """
    if not 0 <= old_size <= size or not _are_hashes(old_root, *proof):
        return False
    if old_size in (0, size):
        return not proof and (old_size == 0 or old_root == root)
    hashes = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not proof:
        return False
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old_joined = joined = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old_joined, joined = node_hash(sibling, old_joined), node_hash(sibling, joined)
            at, last = _up_to_a_right_child(at, last)
        else:
            joined = node_hash(joined, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and old_joined == old_root and joined == root


def _are_hashes(*hashes: bytes) -> bool:
    """Whether all have the length of a hash: a node's two halves could otherwise be cut at another place."""
    return all(len(one) == HASH_BYTES for one in hashes)


def _up_to_a_right_child(at: int, last: int) -> tuple[int, int]:
    """Up the levels at which the last node has no neighbour and is taken over as it is."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last
