"""How fast the alarms are, always beside their peers in the same run (scripts/bench).

- sizes      how much is measured: for figures to keep, quickly, or only to see that it works
- peers      core's alert, plain automations and our blueprint, each with a smoke detector of its own
- homes      a real Home Assistant with phones, with or without the integration, and copies of it
- latency    from the change of a state to the push at the phones
- journals   raising and acknowledging, with a short and with a long journal
- load       processor time, start-up and memory, with and without the integration
- probe      an integration of the bench's own: the detectors, and clocks inside Home Assistant
- figures    medians, percentiles, and ratios of pairs
- report     the tables of docs/performance.md
- plot       its plot
- machine    on what all that was run
"""

import logging

# Only cameras need what this one misses on a plain machine.
logging.getLogger("homeassistant.components.camera.img_util").setLevel(logging.CRITICAL + 1)
