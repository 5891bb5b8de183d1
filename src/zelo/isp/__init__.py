"""The internet provider's side: a month of billing becomes drafts of NFCom.

It decides how an ERP's file is understood; it must not number, sign or send: it hands drafts to the conductor.
"""
