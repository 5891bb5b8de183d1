"""One contract for every driver, and libraries that misbehave."""
