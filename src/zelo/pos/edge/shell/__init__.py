"""The gateway at work: the desk that takes askings, and a thread for each device."""
