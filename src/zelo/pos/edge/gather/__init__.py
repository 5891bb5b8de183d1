"""What the gateway sees of devices and machine, and what of it a person should know: findings with a remedy.

It decides what is noteworthy and when an alarm begins and ends; it queues what the centre should have. It must not
delay a sale: during one everything here waits.
"""
