"""What a till asks for and what the device returns, read beside what the emulated device makes of it."""
