"""Names that the probe and scripts/bench share."""

DOMAIN = "bench_probe"
SENSORS = ("alert", "automation", "parallel", "ours", "quiet")
"""The smoke detectors: one for each that is measured, and one that nothing ever happens to."""


def entity_of(sensor: str) -> str:
    """Return the entity of a smoke detector."""
    return f"binary_sensor.bench_{sensor}"
