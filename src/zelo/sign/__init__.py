"""Certificates (A1) and the XML signature that SEFAZ asks for.

It decides whether a certificate may sign for an emitter and what the signature is; it must not build documents, keep
certificates, or reach for a clock: the day of judgement is an argument.
"""
