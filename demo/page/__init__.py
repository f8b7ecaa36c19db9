"""The demo's web page: the staff's phones side by side, the home's controls, the latest alarm as it happens.

- server    the page on loopback, its API and its stream of events
- guard     who may call it: this machine's own pages only
- views     what the page is told of a phone and of the timeline
- timeline  the latest alarm, fed by the demo
- static    the page itself: one document, one module, one style sheet
"""

from .server import HomeAssistantLink, PageServer
from .timeline import Timeline, TimelineEntry, Tone

__all__ = ["HomeAssistantLink", "PageServer", "Timeline", "TimelineEntry", "Tone"]
