"""Tests of zelo.models.nfcom."""
