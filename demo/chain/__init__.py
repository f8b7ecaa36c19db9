"""The alarm chain in depth: many phones, what each is known of, who may answer, and what is left behind.

- home       Home Assistant with three receiver groups and their phones; alarms are raised by the action
- seeing     an alarm by its id: on phones, in the journal, and what is refused
- telling    many phones that hang, and one that fails for a moment
- answering  taken, done, outcome, handed over, noted, false, answered by text
- rights     who may do what, and answers that nobody was given
- proof      the test of the chain, the export, and that nothing tells who or where
- cut        the power goes while alarms are half done
- run        everything in order
"""

from .home import ChainPorts
from .run import run_chain

__all__ = ["ChainPorts", "run_chain"]
