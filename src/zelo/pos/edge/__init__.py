"""The till's gateway: any till to any device, nothing asked twice, nothing issued lost.

It decides which device a call goes to, what an answer means and what becomes of a sale in doubt, and keeps a journal of
it before it acts. It must stay light (no database server, no web framework of the centre) and must not judge a sale:
that is the device's work. The order to read it in: `request`, `decide`, `journal`, `desk`, then the doors.
"""
