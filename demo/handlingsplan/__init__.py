"""The handlingsplan over time: who changed what, what is paused and since when, and what was watched.

- home       the demo's home with a mains sensor, somebody outside who listens for the heartbeat, and the larmansvarig
- changes    changed in the editor, commented, restored, deleted by mistake
- pausing    away, a line paused, a planned interruption; a power cut in the middle
- consent    withdrawn and given again; erased
- watching   power, gaps, the heartbeat outside, minutes watched
- run        everything in order
"""

from .home import PlanPorts
from .run import run_plan

__all__ = ["PlanPorts", "run_plan"]
