"""Put on PYTHONPATH of the Home Assistant process; imported by nobody else."""
