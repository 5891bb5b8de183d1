"""Tests of zelo.models.nfcom.rules."""
