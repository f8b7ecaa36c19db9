"""The engine over a journal in memory, fake phones and a clock that moves when told."""
