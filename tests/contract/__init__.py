"""One contract, every implementation of it."""
