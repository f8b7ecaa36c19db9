"""The triggers: thin adapters from Home Assistant's states to the detectors of the core."""
