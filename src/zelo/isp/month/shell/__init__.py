"""The rows of a month: every function receives the open connection, or the tools where it commits by itself."""
