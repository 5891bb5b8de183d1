"""The local page: who may see and change what, and how it looks in a real browser."""
