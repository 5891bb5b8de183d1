"""The queue from the till to the centre, under everything that can happen to its file."""
