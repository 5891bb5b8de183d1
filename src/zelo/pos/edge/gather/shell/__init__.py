"""Looks at devices and machine when no till needs them, and queues what it saw."""
