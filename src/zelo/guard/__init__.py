"""May this be sent, now? Equal rejections are counted per number before sending, so that nobody is ever blocked.

It decides admission, budgets and halts, and remembers for ever; it must not send, and when in doubt it says no.
"""
