"""`zelo-edge`: what people type at the machine. It decides nothing; it asks the gateway and words what it says."""
