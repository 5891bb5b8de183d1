"""The page's routes on the doors' application, and their JSON twins for the command."""
