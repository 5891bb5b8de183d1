"""The queue from the till to the centre: what was issued, said and measured, until somebody has it for good.

It decides who gives way when the file is full: logs first, a fiscal document never. It keeps a ledger of what gave way
unsent, so that for each emitter *emitted = received + pending + declared lost*. It must not open connections to
anybody, and whoever puts something in owns the transaction: a coupon and the journal's line of it are one commit.
"""
