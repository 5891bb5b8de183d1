"""What is noteworthy, when it is told, and what the journal lets go of."""
