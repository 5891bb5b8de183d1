"""The outbox, and the one way out of it."""
