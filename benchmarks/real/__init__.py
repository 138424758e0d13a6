"""Real histories, brought in by source specification alone, with changes of known place put in."""
