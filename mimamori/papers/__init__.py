"""Papers for the public and for the council, made from what the system enforces and from its run log."""
