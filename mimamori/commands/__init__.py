"""One file a command. Heavy libraries are imported inside the functions, so that help and refusals come at once."""
