"""What each kind of document looks like: one folder per layout, and the canonical writer they share.

It decides how data becomes bytes and which rules a document obeys; it must not number, sign, send or store.
"""
