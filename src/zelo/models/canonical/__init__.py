"""The writer that all models share: a layout is a table, and the bytes it writes are canonical by construction.

It decides the form of XML and enforces every facet of the schema while building; it knows no model and no tax.
"""
