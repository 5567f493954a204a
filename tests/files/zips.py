"""Zips as no honest program makes them."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib


def zip_of(files: dict[str, bytes], **changes) -> bytes:
    """`changes` are made to every entry: external_attr, create_system and so on."""
    return zip_of_entries([(name, content, changes) for name, content in files.items()])


def zip_of_entries(entries: list[tuple[str, bytes, dict]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, changes in entries:
            info = zipfile.ZipInfo("x")
            info.filename = name
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = stat.S_IFREG << 16
            for field, value in changes.items():
                setattr(info, field, value)
            archive.writestr(info, content)
    return packed.getvalue()


def raw_zip(
    entries: list[tuple[bytes, bytes]], *, flags: int = 0, system: int = 3, method: int = 8, **lies: int
) -> bytes:
    """Written by hand: names are bytes, and of each entry `crc`, `size` or `packed_size` may be a lie."""
    body, directory = b"", b""
    for name, content in entries:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        data = packer.compress(content) + packer.flush() if method == 8 else content
        crc = lies.get("crc", zlib.crc32(content))
        size, packed_size = lies.get("size", len(content)), lies.get("packed_size", len(data))
        common = struct.pack("<HHHHHIIIHH", 20, flags, method, 0, 33, crc, packed_size, size, len(name), 0)
        directory += b"PK\1\2" + struct.pack("<BB", 20, system) + common
        directory += struct.pack("<HHHII", 0, 0, 0, (stat.S_IFREG | 0o644) << 16, len(body)) + name
        body += b"PK\3\4" + common + name + data
    end = struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), len(directory), len(body), 0)
    return body + directory + b"PK\5\6" + end


def overlapping_zip(count: int, kernel_bytes: int) -> bytes:
    """David Fifield's better zip bomb (2019), without its quoting: every entry is the same kernel of zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = b"\0" * kernel_bytes
    data = packer.compress(zeros) + packer.flush()
    common = struct.pack("<HHHHHIII", 20, 0, 8, 0, 33, zlib.crc32(zeros), len(data), len(zeros))
    body = b"PK\3\4" + common + struct.pack("<HH", 4, 0) + b"0000" + data
    directory = b""
    for number in range(count):
        directory += b"PK\1\2" + struct.pack("<BB", 20, 3) + common + struct.pack("<HH", 4, 0)
        directory += struct.pack("<HHHII", 0, 0, 0, stat.S_IFREG << 16, 0) + b"%04d" % number
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + b"PK\5\6" + end
