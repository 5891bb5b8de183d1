"""The C library that a till loads in the place of its maker's: every call goes to a gateway and comes back.

It decides which gateway is asked, when a call is repeated elsewhere under the same id, and what the till is told when
nobody answers; it must not judge a sale, keep anything on disk or guess what became of one. No Python runs in the till.
`sat.h` is the interface, `sat.c` its functions, `ask.c` the conversation, `wire.c` the bytes, `conf.c` the file,
`system_*.c` what Linux and Windows do differently; `make edge-lib` builds them into `build/`.
"""
