"""The domain: no Home Assistant, no I/O, and the time is an argument."""
