"""The staff's virtual phones: real registrations in mobile_app, real pushes, real buttons.

- phone     one phone: what it shows, what its owner presses, how it behaves
- server    the push relay on loopback that brings pushes to the phones
- pushes    a push as the relay gets it, as Android hears it, as a person sees it
- webhook   what a phone sends to Home Assistant
- store     the registrations, kept over restarts of the demo
"""

from .phone import Behaviour, EntryKind, LogEntry, PhoneError, PhoneOS, VirtualPhone
from .pushes import Action, Notification
from .server import PhoneServer

__all__ = [
    "Action",
    "Behaviour",
    "EntryKind",
    "LogEntry",
    "Notification",
    "PhoneError",
    "PhoneOS",
    "PhoneServer",
    "VirtualPhone",
]
