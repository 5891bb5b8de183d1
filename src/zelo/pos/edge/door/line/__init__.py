"""The door of `libsat.so`: frames of fields over TCP, one call at a time on a connection (decision 018).

It decides whether bytes are a call of the interface and says in a sentence what is wrong with them; it must not touch
what the till gave. `frame` is the form, `call` the meaning, `shell` the port with its bounds.
"""
