"""Decides what became of a run, from the journals, the phones' log and what was done; shares no code with the rest.

Nothing here imports the integration, the demo or Home Assistant: only the standard library. What the journal's chain
and a button's token are is written down anew from their description.

- journal    rows of a journal's file, and whether their chain is whole
- story      what the run's log tells: when the hub was there, what was asked, shown, answered
- alarms     each alarm as its rows tell it
- evidence   all of it together, and how long somebody waited while nothing hindered
- promises   what must be true; each returns what is not
- verdict    what was broken, with figures
"""

from .evidence import Violation
from .verdict import Verdict, judge

__all__ = ["Verdict", "Violation", "judge"]
