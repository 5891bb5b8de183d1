"""The conductor: the lifecycle of a document as one table, and the worker that walks documents along it.

It alone joins the path rooms and owns their transactions; it decides nothing that a room can decide.
"""
