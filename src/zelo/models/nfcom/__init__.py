"""NFCom, model 62: its layout table, typed drafts, totals, QR code, services and rules.

It decides what a NFCom must look like on a given day; it must not number, sign, send or store one.
"""
