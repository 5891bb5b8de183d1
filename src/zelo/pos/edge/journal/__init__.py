"""What was asked, what each device was asked for it, and what was issued: written down before and after each call.

It decides nothing; it must not be written without a sync to the disk, for what is not in it did not happen.
"""
