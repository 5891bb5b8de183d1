"""The other gateway, as it is reached."""
