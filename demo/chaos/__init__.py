"""Proof by chaos: real runs of Home Assistant with virtual phones, random faults by seed, and an independent checker.

- script    what a run does, drawn from its seed
- home      a home, made once and copied for each run; device, clock: what Home Assistant is given
- life      alarms are raised, sensors trip, people answer
- faults    how each fault is done; damage: what is done to files; relay: what is done to pushes and answers
- run       one run from its start to its end
- record    what was done and seen, as JSON lines
- checker   judges the journals and these lines; shares no code with anything above
- many      runs of many seeds, side by side; report: what came of them
"""
