"""What a file holds before anybody asks what it means: rows of texts, whatever it is and whatever it is called."""
