"""The extrato of a CF-e (SAT, MFE) and of its cancel: a strip of paper, as PDF or as the bytes of a thermal printer.

It decides which words of a coupon stand on the strip, in which order and letters; both forms are made of the same
pieces, and the same bytes always give the same strip. It must not check a signature, reach a printer or change what it
prints.
"""
