"""A real Home Assistant in a process of its own, and the client that sets it up and watches it.

- process    start, stop, kill, start again
- config     the configuration folder it starts from
- client     what the demo calls: REST, services, users, automations
- websocket  one websocket that comes back after a restart, subscriptions included
- login      onboarding and signing in
- flows      config, options and subentry flows, step by step
- errors     HassError and its kinds
"""

from .client import HassClient
from .errors import HassError, HassFlowError, HassStartError, HassUnreachableError
from .login import Account
from .process import OWNER, RESTART_EXIT_CODE, HassProcess

__all__ = [
    "OWNER",
    "RESTART_EXIT_CODE",
    "Account",
    "HassClient",
    "HassError",
    "HassFlowError",
    "HassProcess",
    "HassStartError",
    "HassUnreachableError",
]
