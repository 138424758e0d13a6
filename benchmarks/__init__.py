"""Side by side with peers: the same rows, in the same run, each in a process of its own."""
