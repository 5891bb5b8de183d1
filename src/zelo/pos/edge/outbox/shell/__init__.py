"""The queue on disk: `file` opens and keeps its room, `queue` puts, takes, confirms."""
