"""DANFE-COM: the paper of an NFCom, one note or many, as PDF.

It decides what of an XML is printed and where on the sheet; nothing is printed that the XML, its protocol and a logo do
not say. It must not build, judge, fetch or change a document, and the same bytes always give the same paper.
"""
