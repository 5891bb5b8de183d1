"""The way up at work: `post` speaks HTTP, `sender` takes from the queue and settles what was acknowledged."""
