"""The device as a process on its port."""
