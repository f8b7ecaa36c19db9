"""The chaos runs: their checker, their scripts, and a few real seeds."""
