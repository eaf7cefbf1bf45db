"""Has the kernel choose the worker for each new connection: by the peer's address, or at random.

A classic BPF program (Linux, SO_ATTACH_REUSEPORT_CBPF, socket(7)) returns the place of the socket that gets the
connection: its index among the sockets of the port, in the order in which they began to listen. One address always
gives the same place, so that the messages of one sender stay in order over its reconnects.
"""

import ctypes
import errno
import socket
import struct
import sys
from collections.abc import Mapping, Sequence
from typing import Literal

Spread = Literal["peer", "connection"]

SO_ATTACH_REUSEPORT_CBPF = 51  # asm-generic/socket.h
NETWORK_HEADER = -0x100000  # SKF_NET_OFF, linux/filter.h: loads from here on are from the IP header
RANDOM = -0x1000 + 56  # SKF_AD_OFF + SKF_AD_RANDOM

# Opcodes of linux/bpf_common.h; A is the accumulator, X the other register.
LOAD_OCTET, LOAD_WORD = 0x30, 0x20  # A = packet[k]
SHIFT_RIGHT, MULTIPLY, MODULO, XOR_X = 0x74, 0x24, 0x94, 0xAC
TO_X, JUMP, JUMP_IF_EQUAL, RETURN = 0x07, 0x05, 0x15, 0x06

IPV4_SOURCE, IPV6_SOURCE = 12, (8, 12, 16, 20)  # RFC 791 3.1, RFC 8200 3
GOLDEN_RATIO = 2654435761  # 2 ** 32 divided by the golden ratio: spreads neighbouring addresses evenly

Instruction = tuple[int, int, int, int]
"""Opcode, instructions to skip if true, if false, and k."""


def program(spread: Spread, places: Sequence[int]) -> list[Instruction]:
    """Return the program that picks one of *places*, which has an entry for each worker."""
    table: list[Instruction] = []
    for number, place in enumerate(places):
        table += [(JUMP_IF_EQUAL, 0, 1, number), (RETURN, 0, 0, place)]
    chosen_by = _source_address() if spread == "peer" else [(LOAD_WORD, 0, 0, RANDOM)]
    return [*chosen_by, (MODULO, 0, 0, len(places)), *table, (RETURN, 0, 0, places[0])]


def _source_address() -> list[Instruction]:
    """Return instructions that turn the packet's source address (IPv4 or IPv6) into an evenly distributed number."""
    ipv6: list[Instruction] = [(LOAD_WORD, 0, 0, NETWORK_HEADER + IPV6_SOURCE[0])]
    for offset in IPV6_SOURCE[1:]:
        ipv6 += [(TO_X, 0, 0, 0), (LOAD_WORD, 0, 0, NETWORK_HEADER + offset), (XOR_X, 0, 0, 0)]
    return [
        (LOAD_OCTET, 0, 0, NETWORK_HEADER),
        (SHIFT_RIGHT, 0, 0, 4),  # the version of IP
        (JUMP_IF_EQUAL, 0, 2, 4),
        (LOAD_WORD, 0, 0, NETWORK_HEADER + IPV4_SOURCE),
        (JUMP, 0, 0, len(ipv6)),
        *ipv6,
        (MULTIPLY, 0, 0, GOLDEN_RATIO),
        (SHIFT_RIGHT, 0, 0, 16),
    ]


def attach(sock: socket.socket, spread: Spread, places: Sequence[int]) -> None:
    """Have the kernel spread new connections to the port of *sock* over *places*. Raises OSError where it cannot."""
    if sys.platform != "linux":
        raise OSError(errno.ENOPROTOOPT, "Linux only")  # elsewhere the option's number means something else
    code = b"".join(struct.pack("=HBBI", op, yes, no, k & 0xFFFFFFFF) for op, yes, no, k in program(spread, places))
    buffer = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog: the number of instructions, padding, and a pointer to them.
    pointer = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, pointer)


def is_possible() -> bool:
    """Whether the kernel of this system lets Hilum choose the worker."""
    with socket.socket() as probe:
        try:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            attach(probe, "peer", [0, 1])
        except OSError:
            return False
    return True


def places_with(count: int, successors: Mapping[int, int]) -> list[int]:
    """Return the place for each of *count* workers: its own, or that of its successor."""
    return [successors.get(place, place) for place in range(count)]
