"""The peers: each links the files of a data set by the recipe its own project publishes."""
