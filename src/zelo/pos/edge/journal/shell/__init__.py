"""The journal on the disk: one SQLite file, one writer."""
