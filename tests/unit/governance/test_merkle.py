"""The tree hash against the published vectors of certificate transparency, and against RFC 6962's own recursion."""

from hypothesis import given
from hypothesis import strategies as st

from governance.merkle import EMPTY_ROOT, leaf_hash, node_hash, push, root, tree_root

LEAVES = [bytes.fromhex(leaf) for leaf in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def grown(leaves: list[bytes]) -> bytes:
    frontier: tuple[bytes, ...] = ()
    for size, leaf in enumerate(leaves):
        frontier = push(frontier, size, leaf_hash(leaf))
        assert len(frontier) == (size + 1).bit_count()
    return root(frontier)


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, as written: split at the largest power of two below n."""
    if len(leaves) < 2:
        return leaf_hash(leaves[0]) if leaves else EMPTY_ROOT
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(by_definition(leaves[:split]), by_definition(leaves[split:]))


def test_published_vectors():
    for size, expected in ROOTS.items():
        assert grown(LEAVES[:size]).hex() == expected


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_growing_gives_the_tree_of_the_definition(leaves):
    assert grown(leaves) == by_definition(leaves) == tree_root([leaf_hash(leaf) for leaf in leaves])
