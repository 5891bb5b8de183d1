"""The doors of the till's gateway: what tills already speak, turned into a `Request`, and the reply back into it.

A door decides whether what came is a call at all and who may knock; it must not choose a device, remember a sale or
change what a till gave. Each is a pure core and a thin shell, and knows of the gateway only that it answers.
"""
