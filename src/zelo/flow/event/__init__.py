"""Events of authorised notes (today: the cancellation), from the request to what the authorizer registered.

It decides when an event is signed, sent and asked after; it must not judge the note's own life, which is the lifecycle
of documents, nor word anything for people.
"""
