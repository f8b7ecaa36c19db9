"""The panel as people see it: a real Chromium, a real Home Assistant."""
