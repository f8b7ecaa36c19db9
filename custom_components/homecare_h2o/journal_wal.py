"""SQLite's write-ahead log, as far as damage in it has to be told from a power cut (sqlite.org/fileformat.html, 4).

SQLite takes a frame with a wrong check sum for the end of the log. After a power cut that is right: what follows was
never acknowledged. After a flipped bit it forgets what was.
"""

from collections.abc import Iterator
from itertools import batched
import struct

PAGE_SIZE = 4096
HEADER_SIZE = 32
FRAME_HEADER_SIZE = 24
FRAME_SIZE = FRAME_HEADER_SIZE + PAGE_SIZE
MAGIC = 0x377F0682
"""Check sums are of little-endian words, as on every machine that Home Assistant runs on."""

FORMAT = 3007000

type Sum = tuple[int, int]


def calc_sum(data: bytes, start: Sum = (0, 0)) -> Sum:
    """Return the check sum of a multiple of eight bytes."""
    first, second = start
    for even, odd in batched(struct.unpack(f"<{len(data) // 4}I", data), 2, strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second


def _is_whole(header: bytes) -> bool:
    """Return whether a log's header is as it was written."""
    return len(header) == HEADER_SIZE and struct.pack(">II", *calc_sum(header[:24])) == header[24:]


def _frames(log: bytes) -> Iterator[bytes]:
    """Return the frames of a log; a torn last one is none."""
    for start in range(HEADER_SIZE, len(log) - FRAME_SIZE + 1, FRAME_SIZE):
        yield log[start : start + FRAME_SIZE]


def _salts(log: bytes) -> bytes:
    """Return what the frames of the log's present round carry: of its header, else of its first frame."""
    return log[16:24] if _is_whole(log[:HEADER_SIZE]) else log[HEADER_SIZE + 8 : HEADER_SIZE + 16]


def is_commit(frame: bytes) -> bool:
    """Return whether a frame ends a transaction."""
    return frame[4:8] != bytes(4)


def count_lost_commits(log: bytes, read: int) -> int:
    """Return how many transactions stand in the log after the ``read`` frames that SQLite recognises."""
    salts = _salts(log)
    rest = list(_frames(log))[read:]
    return sum(is_commit(frame) and frame[8:16] == salts for frame in rest)


def mend_log(log: bytes) -> bytes:
    """Return a log with every frame of the present round, each with a right check sum."""
    salts = _salts(log)
    header = struct.pack(">IIII", MAGIC, FORMAT, PAGE_SIZE, 0) + salts
    total = calc_sum(header)
    parts = [header, struct.pack(">II", *total)]
    for frame in _frames(log):
        if frame[8:16] == salts and frame[:4] != bytes(4):
            total = calc_sum(frame[FRAME_HEADER_SIZE:], calc_sum(frame[:8], total))
            parts += [frame[:16], struct.pack(">II", *total), frame[FRAME_HEADER_SIZE:]]
    return b"".join(parts)
