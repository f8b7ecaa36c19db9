"""The whole larmplan in a real Home Assistant: three radios, every kind of device, every larmtyp.

- devices   what hangs on which radio
- home      a running home with all three radios, set up the way a person would (`open_full_home`)
- plan      the automations: the larmplan's own values, and the short ones of a step
- steps     the table: each larmtyp, from each kind of device
- seeing    waiting for an alarm on the phones, taking it, finishing it
- larmtyper every larmtyp once
- cuts      the power is cut in the middle of a deadline; smoke while the hub is down
- blips     sensors that drop out and come back a hundred times
- run       all of it, in order
"""

from .home import FullHome, RadioPorts, open_full_home
from .run import run_larmplan

__all__ = ["FullHome", "RadioPorts", "open_full_home", "run_larmplan"]
