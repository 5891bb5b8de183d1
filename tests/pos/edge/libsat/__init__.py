"""The library as a till loads it: the real .so, real connections, and gateways that die."""
