"""The surface for people and programs: pages, the JSON API, live events, health and numbers.

It recognises who asks, calls the rooms in a transaction of its own and shows what they say; it must not decide anything
about a document, nor reach an authorizer.
"""
