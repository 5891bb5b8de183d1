"""The emulated device: its answers, values, coupons, memory and wire."""
