"""What can go wrong between the demo and Home Assistant.

HassError                 Home Assistant refused: a status and a body
├── HassUnreachableError  it did not answer at all
├── HassFlowError         a config flow showed an error or ended otherwise than asked
└── HassStartError        the process did not come up
"""

from typing import Any


class HassError(Exception):
    """Home Assistant refused a request; `status` is an HTTP status or a websocket error code."""

    def __init__(self, status: int | str, body: Any) -> None:
        """Keep the answer for whoever wants to look closer."""
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class HassUnreachableError(HassError):
    """Home Assistant did not answer: it is down, starting or too slow."""

    def __init__(self, reason: object) -> None:
        """Keep the reason as the body."""
        super().__init__(0, str(reason))


class HassFlowError(HassError):
    """A flow refused an answer, wanted another step or was aborted; the body is the step it ended in."""

    def __init__(self, step: dict[str, Any]) -> None:
        """Name the kind of step, keep the whole of it."""
        super().__init__(str(step.get("type")), step)


class HassStartError(HassError):
    """Home Assistant did not come up; the body carries the end of its output."""

    def __init__(self, reason: str) -> None:
        """Keep the reason as the body."""
        super().__init__(0, reason)
