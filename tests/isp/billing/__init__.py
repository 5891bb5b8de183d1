"""Tests of zelo.isp.billing."""
