"""The one door to Ziggurat's protocol, whose package carries no type information."""

from typing import Any, Final

from zigpy_ziggurat.zigbee import protocol  # type: ignore[import-untyped]

p: Final[Any] = protocol
"""The message structures and commands of Ziggurat."""


def encode_response(command: int, request_id: int, payload: Any = None) -> bytes:
    """Encode the closing answer to a request."""
    body = bytes([p.Status.OK]) + (b"" if payload is None else payload.serialize())
    return _encode(p.FrameType.RESPONSE, command, request_id, body)


def encode_refusal(command: int, request_id: int, status: int) -> bytes:
    """Encode the refusal of a request."""
    return _encode(p.FrameType.RESPONSE, command, request_id, bytes([status]))


def encode_event(command: int, request_id: int, payload: Any) -> bytes:
    """Encode one of several items that precede the closing answer."""
    return _encode(p.FrameType.EVENT, command, request_id, payload.serialize())


def encode_notification(command: int, payload: Any, request_id: int = 0) -> bytes:
    """Encode something that the radio says by itself, or about a message under way."""
    return _encode(p.FrameType.NOTIFICATION, command, request_id, payload.serialize())


def _encode(frame_type: int, command: int, request_id: int, body: bytes) -> bytes:
    """Put the header before the body."""
    frame: bytes = p.encode_reply(frame_type, command, request_id, body)
    return frame
