"""The emulated device on the wire: its memory in a SQLite file, one call at a time, frames of JSON over loopback.

A coupon is committed before its reply leaves. It decides nothing about a call: the step does, and the table of troubles
says what becomes of the reply.
"""
