"""The rules of NFCom as one table: each prevents a rejection that can be known before the note has a number.

It decides what is wrong with a draft and what a clerk should do; it must not repair, number or send anything.
"""
