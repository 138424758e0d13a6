"""The shared nouns and the contract's schemas; imports nothing else of this project."""
