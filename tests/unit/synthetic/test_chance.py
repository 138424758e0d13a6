import numpy as np
import pytest

from synthetic.chance import happens, stream


def test_a_stream_is_the_same_every_time_and_another_for_each_stage_and_seed():
    first = stream(1, "families").random(3)
    assert np.array_equal(first, stream(1, "families").random(3))
    assert not np.array_equal(first, stream(1, "children").random(3))
    assert not np.array_equal(first, stream(2, "families").random(3))


def test_draws_have_their_probability():
    probability = np.repeat([0.0, 0.3, 1.0], 10_000)
    drawn = happens(stream(1, "test"), probability, len(probability)).reshape(3, -1).mean(axis=1)
    assert drawn[0] == 0
    assert drawn[1] == pytest.approx(0.3, abs=0.02)
    assert drawn[2] == 1
