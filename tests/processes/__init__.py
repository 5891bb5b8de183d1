"""Real processes, real sockets, real kills."""
