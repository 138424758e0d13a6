"""Random numbers: one independent stream a stage, so that a change in one stage leaves the others as they were."""

import zlib

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Words = NDArray[np.str_]


def stream(seed: int, stage: str) -> np.random.Generator:
    """Generator for `stage` of the city `seed`; the same in every process and on every machine."""
    return np.random.default_rng([seed, zlib.crc32(stage.encode())])


def happens(rng: np.random.Generator, probability: Floats | float, size: int) -> Bools:
    """`size` independent draws, each true with its `probability` (a scalar or an array of `size`)."""
    drawn: Bools = rng.random(size) < probability
    return drawn
