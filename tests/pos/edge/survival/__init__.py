"""Shops whose devices and gateways die at any moment, and what is left of each sale."""
