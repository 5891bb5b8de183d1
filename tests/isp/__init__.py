"""Tests of zelo.isp."""
