"""The rows of access: every function receives the open connection, the time and the source of chance."""
