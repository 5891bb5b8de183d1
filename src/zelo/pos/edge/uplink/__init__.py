"""The way up: what the queue holds goes to the centre in batches, and stays in the queue until the centre has it.

It decides what goes next, when, and what an answer means; a batch whose fate is unknown is sent again as it was, since
the centre takes each item once, and what the centre refuses for ever is found by halves and set aside. It must not
hold up a sale, nor settle an item that no acknowledgement names.
"""
