"""The tables, a file per room that writes them; everybody may read. Table names start with the room's name."""
