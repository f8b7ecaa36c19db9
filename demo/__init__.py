"""The demo: a real Home Assistant in a simulated home, with the staff's virtual phones. Not part of the integration."""
