"""The immutable XML: kept byte for byte, compressed, found by chave.

It decides how bytes are kept and proves that they came back the same; it must not build, judge or change a document.
"""
