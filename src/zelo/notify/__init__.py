"""Telling people who are not looking: what happened to their company, by e-mail, once, and never thirty thousand times.

It decides what is told, to whom, in which words, and when a mail is tried again; it must not stop, delay or judge a
document: a mail server that is down is a line on a page.
"""
