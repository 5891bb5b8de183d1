"""The door for the other gateway: what it asks, and what it tells."""
