"""zelo takes care of Brazilian electronic fiscal documents: each one authorised exactly once.

The folders are the story of a document; read `docs/map.md` for who may know whom.
"""
