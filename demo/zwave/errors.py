"""Errors of the simulated Z-Wave network.

SimulatedNetworkError
├── UnknownNodeError  no node has this name
└── NeverDeadError    the node sleeps, and no driver declares a sleeping node dead
"""


class SimulatedNetworkError(Exception):
    """Something was asked of the simulated network that it refuses."""


class UnknownNodeError(SimulatedNetworkError):
    """No node has this name."""


class NeverDeadError(SimulatedNetworkError):
    """A sleeping node falls silent, and no driver declares it dead."""
