"""What carries the doors that speak HTTP: one application, one layer of protection, one listening socket.

It decides who may knock, how much and for how long; it must not know what is asked.
"""
