"""From a draft to a numbered document with its chave, as canonical XML not yet signed.

It decides number, chave, totals and bytes; it must not judge the data beyond what the layout forces, sign, or send.
"""
