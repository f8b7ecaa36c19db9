"""One simulated device: its addresses and its attributes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from zigpy.zcl.foundation import TypeValue

from .models import MODELS, AttributeKey, DeviceKind, DeviceModel, DeviceSpec, initial_attributes

COORDINATOR_NWK: Final = 0x0000
ENDPOINT: Final = 1

_IEEE_PREFIX: Final = bytes.fromhex("02 68 6c")  # Locally administered: nobody's real device.
_LAST_NWK: Final = 0xFFF7


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One APS message, to a device or from it."""

    profile_id: int
    cluster_id: int
    data: bytes
    src_ep: int = ENDPOINT
    dst_ep: int = ENDPOINT
    destination: int = COORDINATOR_NWK

    def answer(self, data: bytes, cluster_id: int | None = None) -> Message:
        """Return a message back to where this one came from."""
        return Message(
            profile_id=self.profile_id,
            cluster_id=self.cluster_id if cluster_id is None else cluster_id,
            data=data,
            src_ep=self.dst_ep,
            dst_ep=self.src_ep,
        )


@dataclass(slots=True, kw_only=True)
class SimulatedDevice:
    """A device with its address, whether it has joined, and what can be read from it."""

    spec: DeviceSpec
    ieee: str
    nwk: int
    attributes: dict[AttributeKey, TypeValue]
    joined: bool = False
    _sequence: int = field(default=0, repr=False)

    @classmethod
    def from_spec(cls, spec: DeviceSpec) -> SimulatedDevice:
        """Return a device fresh from the factory, with the addresses its name gives it."""
        digest = blake2b(spec.name.encode(), digest_size=7).digest()
        return cls(
            spec=spec,
            ieee=(_IEEE_PREFIX + digest[:5]).hex(":"),
            nwk=1 + int.from_bytes(digest[5:]) % _LAST_NWK,
            attributes=initial_attributes(spec),
        )

    @property
    def name(self) -> str:
        """Return the name that the demo knows the device by."""
        return self.spec.name

    @property
    def kind(self) -> DeviceKind:
        """Return what the device is."""
        return self.spec.kind

    @property
    def model(self) -> DeviceModel:
        """Return what the device has in common with others of its kind."""
        return MODELS[self.spec.kind]

    @property
    def ieee_bytes(self) -> bytes:
        """Return the long address as it goes over the air."""
        return bytes.fromhex(self.ieee.replace(":", ""))[::-1]

    def next_sequence(self) -> int:
        """Return a new sequence number: zigpy drops a repeated message with an old one."""
        self._sequence = (self._sequence + 1) % 256
        return self._sequence

    def write(self, values: Iterable[tuple[AttributeKey, TypeValue]]) -> None:
        """Set attributes."""
        self.attributes.update(values)

    def leave(self) -> None:
        """Leave the network and forget everything, as after a factory reset."""
        self.joined = False
        self.attributes = initial_attributes(self.spec)
