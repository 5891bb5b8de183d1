"""Commands at work."""
