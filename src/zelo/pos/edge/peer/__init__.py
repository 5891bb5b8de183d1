"""Two gateways that back each other: what one tells the other of an asking, and what may be done with its word.

It decides whether an asking that the other may have taken can be answered, repeated or must be doubted; it must not
trust silence. A gateway says beforehand what it is going to call and afterwards what it sold; both may get lost. Who
asks for an earlier sale hears what both know.
"""
