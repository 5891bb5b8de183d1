"""The door of the library: its frames and its port."""
