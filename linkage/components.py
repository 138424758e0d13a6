"""Connected components: what pairs connect, directly or through others."""

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def components(pairs: pl.DataFrame) -> pl.DataFrame:
    """`profile`, `component` UInt32 (its smallest profile): the profiles that `pairs` (`left`, `right`) connect."""
    left, right = (pairs[side].to_numpy() for side in ("left", "right"))
    size = 1 + int(max(left.max(initial=0), right.max(initial=0)))
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(size, size))
    count, label = connected_components(graph, directed=False)
    smallest = np.full(count, size)
    np.minimum.at(smallest, label, np.arange(size))
    connected = np.zeros(size, np.bool_)
    connected[left] = connected[right] = True
    found = {"profile": np.flatnonzero(connected), "component": smallest[label[connected]]}
    return pl.DataFrame(found, schema={"profile": pl.UInt32, "component": pl.UInt32})
