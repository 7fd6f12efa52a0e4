"""Writes the two .safetensors files beside this script with Python's standard library only, from the format's description
(github.com/huggingface/safetensors, README, "Format"), in the order the reference writer uses: wide types first, then by name.

python.safetensors   every type, a scalar, metadata: what our reader must read
written.safetensors  what our writer must produce byte for byte
"""
import json
import struct
from pathlib import Path

here = Path(__file__).parent


def bfloat16(values):
    return b"".join(struct.pack("<f", value)[2:] for value in values)  # exact for small whole numbers


def write(name, metadata, tensors):
    header, data = {"__metadata__": metadata}, b""
    for key, dtype, shape, raw in tensors:
        header[key] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    (here / name).write_bytes(struct.pack("<Q", len(text)) + text + data)


six = range(6)
write("python.safetensors", {"format": "pt", "note": 'ünïcode "quoted"'}, [
    ("i64", "I64", [2, 3], struct.pack("<6q", *six)),
    ("f64", "F64", [2, 3], struct.pack("<6d", *six)),
    ("f32", "F32", [2, 3], struct.pack("<6f", *six)),
    ("scalar", "F32", [], struct.pack("<f", 2.5)),
    ("i32", "I32", [2, 3], struct.pack("<6i", *six)),
    ("bf16", "BF16", [2, 3], bfloat16(six)),
    ("f16", "F16", [2, 3], struct.pack("<6e", *six)),
    ("i16", "I16", [2, 3], struct.pack("<6h", *six)),
    ("i8", "I8", [2, 3], struct.pack("<6b", *six)),
    ("u8", "U8", [2, 3], struct.pack("<6B", *six)),
    ("bool", "BOOL", [3], b"\1\0\1"),
])
write("written.safetensors", {"format": "pt"}, [
    ("conv.bias", "F32", [2], struct.pack("<2f", 0.25, -0.5)),
    ("conv.weight", "F32", [2, 3], struct.pack("<6f", 1.5, -2, 3, 4, 5, 6)),
])
