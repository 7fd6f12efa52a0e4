"""Writes decoding/: small JPEG and PNG files and, in decoder.json, the SHA-256 of the RGB pixels that Pillow's convert("RGB") gives.

Run with Pillow (written with Pillow 9.4.0 on libjpeg-turbo 2.1.5):  python3 make_decoder_vectors.py
Files that Pillow does not write (16 bits, interlaced, few bits) are assembled here chunk by chunk.
"""
import hashlib
import io
import json
import os
import struct
import zlib

import numpy as np
import PIL
from PIL import Image, features

from pictures import mix

ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
FOLDER = "decoding"


def photo(width, height, seed):
    """Noise of several scales, smooth to fine: compresses about as a photograph does."""
    result = np.full((height, width, 3), 128.0)
    for octave in range(8):
        cell = 2 ** (7 - octave)
        small = mix(np.arange((height // cell + 2) * (width // cell + 2) * 3), seed + octave).reshape(height // cell + 2, width // cell + 2, 3)
        layer = Image.fromarray((small & 255).astype(np.uint8)).resize(((width // cell + 2) * cell, (height // cell + 2) * cell), 3)
        result += (np.asarray(layer, dtype=float)[:height, :width] - 127.5) * 0.8 ** octave
    return np.clip(result, 0, 255).astype(np.uint8)


def encoded(image, fmt, **options):
    stream = io.BytesIO()
    image.save(stream, fmt, **options)
    return stream.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(samples, depth, color, interlaced=False, before=b""):
    """A PNG file of samples [height, width, channels]; every row of the 8 and 16-bit kinds uses another filter."""
    height, width, channels = samples.shape
    data = b"".join(rows(samples[y::dy, x::dx], depth, channels) for x, y, dx, dy in (ADAM7 if interlaced else [(0, 0, 1, 1)]) if samples[y::dy, x::dx].size)
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")


def rows(samples, depth, channels):
    height = samples.shape[0]
    if depth == 16:
        packed = samples.astype(">u2").reshape(height, -1).view(np.uint8).reshape(height, -1)
    elif depth == 8:
        packed = samples.astype(np.uint8).reshape(height, -1)
    else:
        bits = (samples.reshape(height, -1)[..., None] >> np.arange(depth - 1, -1, -1)) & 1
        return b"".join(b"\0" + row.tobytes() for row in np.packbits(bits.reshape(height, -1).astype(np.uint8), axis=1))
    size, result, above = channels * depth // 8, b"", np.zeros(packed.shape[1], int)
    for y, row in enumerate(packed.astype(int)):
        left = np.concatenate([np.zeros(size, int), row[:-size]])
        corner = np.concatenate([np.zeros(size, int), above[:-size]])
        to_left, to_above, to_corner = abs(above - corner), abs(left - corner), abs(left + above - 2 * corner)
        paeth = np.where((to_left <= to_above) & (to_left <= to_corner), left, np.where(to_above <= to_corner, above, corner))
        prediction = [0 * row, left, above, (left + above) // 2, paeth][y % 5]
        result += bytes([y % 5]) + ((row - prediction) & 255).astype(np.uint8).tobytes()
        above = row
    return result


def samples(width, height, channels, depth, seed):
    return (mix(np.arange(width * height * channels), seed) >> 3).reshape(height, width, channels).astype(int) & ((1 << depth) - 1)


def files():
    small = Image.fromarray(photo(45, 37, 1))
    yield "photo.jpg", encoded(Image.fromarray(photo(500, 375, 40)), "JPEG", quality=88)
    yield "baseline-444.jpg", encoded(small, "JPEG", quality=90, subsampling=0)
    yield "baseline-420.jpg", encoded(small, "JPEG", quality=60, subsampling=2)
    yield "progressive-422.jpg", encoded(small, "JPEG", quality=80, subsampling=1, progressive=True)
    yield "gray.jpg", encoded(small.convert("L"), "JPEG", quality=80)
    yield "cmyk.jpg", encoded(small.convert("CMYK"), "JPEG", quality=80)
    yield "one-pixel.jpg", encoded(small.crop((3, 3, 4, 4)), "JPEG")
    yield "gray.png", encoded(small.convert("L"), "PNG")
    yield "bilevel.png", encoded(small.convert("1"), "PNG")
    yield "rgb.png", encoded(small, "PNG")
    yield "palette.png", encoded(small.quantize(200), "PNG")
    yield "palette-transparent.png", encoded(small.quantize(9), "PNG", transparency=2)
    yield "rgba.png", encoded(Image.fromarray(samples(20, 15, 4, 8, 2).astype(np.uint8), "RGBA"), "PNG")
    yield "gray-alpha.png", png(samples(19, 11, 2, 8, 3), 8, 4)
    yield "gamma.png", png(samples(19, 11, 3, 8, 4), 8, 2, before=chunk(b"gAMA", struct.pack(">I", 100000)))
    yield "gray-2-bits.png", png(samples(19, 11, 1, 2, 5), 2, 0)
    yield "gray-4-bits-interlaced.png", png(samples(19, 11, 1, 4, 6), 4, 0, interlaced=True)
    yield "rgb-interlaced.png", png(samples(21, 18, 3, 8, 7), 8, 2, interlaced=True)
    yield "rgba-interlaced.png", png(samples(5, 2, 4, 8, 8), 8, 6, interlaced=True)
    yield "rgb-16-bits.png", png(samples(19, 11, 3, 16, 9), 16, 2)
    yield "rgb-16-bits-interlaced.png", png(samples(19, 11, 3, 16, 10), 16, 2, interlaced=True)
    yield "rgba-16-bits.png", png(samples(19, 11, 4, 16, 11), 16, 6)
    yield "rgba-16-bits-interlaced.png", png(samples(19, 11, 4, 16, 12), 16, 6, interlaced=True)
    yield "gray-alpha-16-bits.png", png(samples(19, 11, 2, 16, 13), 16, 4)


os.makedirs(FOLDER, exist_ok=True)
entries = []
for name, data in files():
    with open(os.path.join(FOLDER, name), "wb") as file:
        file.write(data)
    image = Image.open(io.BytesIO(data)).convert("RGB")
    entries.append({"file": name, "width": image.width, "height": image.height, "sha256": hashlib.sha256(image.tobytes()).hexdigest()})
with open("decoder.json", "w", newline="\n") as file:
    lines = ",\n".join("  " + json.dumps(entry) for entry in entries)
    file.write(f'{{"pillow": "{PIL.__version__}", "libjpeg-turbo": "{features.version("libjpeg_turbo")}",\n"files": [\n{lines}\n]}}\n')
