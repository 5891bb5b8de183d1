"""Drivers at work: sockets and processes."""
