"""From an envelope to bytes on the wire and back to a Retorno, or to one of the ways in which nothing comes back.

It decides what an answer says, never whether something may be sent nor what happens next; a POST is sent once.
"""
