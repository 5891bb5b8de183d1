"""The native JSON API under /v1: a token, a key that makes a repetition harmless, answers taken apart.

It decides how an answer of the interface is told in JSON and what the OpenAPI file promises; it must not soften what
the device said: the raw reply goes along.
"""
