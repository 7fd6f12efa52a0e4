"""Writes decoding/: small JPEG, PNG, WebP, GIF and BMP files and, in decoder.json, the SHA-256 of the RGB pixels that Pillow's convert("RGB") gives; of files with an EXIF
orientation also that of ImageOps.exif_transpose's pixels.

Run with Pillow (written with Pillow 9.4.0 on libjpeg-turbo 2.1.5):  python3 make_decoder_vectors.py
Files that Pillow does not write (16 bits, interlaced, few bits, frames beside their canvas, run lengths) are assembled here piece by piece; YCCK by libjpeg-turbo itself.
"""
import ctypes
import hashlib
import io
import json
import os
import struct
import zlib

import numpy as np
import PIL
from PIL import Image, ImageOps, features

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


def ycck(cmyk, subsampling):
    """A YCCK JPEG, as Photoshop writes them: TurboJPEG makes one of CMYK samples unless it is told otherwise."""
    return turbo_jpeg(cmyk, subsampling, 11)


def turbo_jpeg(samples, subsampling, pixel_format=0, **environment):
    """libjpeg-turbo's own encoder, which takes what its functions do not say from the environment: RESTART (blocks or rows), PROGRESSIVE, ARITHMETIC."""
    for name in ("RESTART", "PROGRESSIVE", "ARITHMETIC"):
        os.environ.pop("TJ_" + name, None)
    os.environ.update({"TJ_" + name: value for name, value in environment.items()})
    turbo = ctypes.CDLL("libturbojpeg.so.0")
    turbo.tjInitCompress.restype = ctypes.c_void_p
    handle, size, output = ctypes.c_void_p(turbo.tjInitCompress()), ctypes.c_ulong(), ctypes.POINTER(ctypes.c_ubyte)()
    data = np.ascontiguousarray(samples)
    turbo.tjCompress2(handle, ctypes.c_void_p(data.ctypes.data), samples.shape[1], 0, samples.shape[0], pixel_format, ctypes.byref(output), ctypes.byref(size), subsampling, 85, 0)
    result = ctypes.string_at(output, size.value)
    turbo.tjFree(output)
    turbo.tjDestroy(handle)
    return result


def exif(orientation, order="<", kind=3):
    """EXIF data with two entries: a camera's name that is none, and the orientation as a SHORT or LONG."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    value = struct.pack(order + ("HH" if kind == 3 else "I"), *([orientation, 0] if kind == 3 else [orientation]))
    entries = struct.pack(order + "HHI4s", 0x010F, 2, 4, b"cam\0") + struct.pack(order + "HHI", 0x0112, kind, 1) + value
    return b"Exif\0\0" + mark + struct.pack(order + "I", 8) + struct.pack(order + "H", 2) + entries + struct.pack(order + "I", 0)


def riff_chunk(kind, data):
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1)


def webp_animation(canvas, frames):
    """frames: (left, top, image); the first one may lie anywhere on the canvas."""
    data = riff_chunk(b"VP8X", struct.pack("<I", 2) + struct.pack("<I", canvas[0] - 1)[:3] + struct.pack("<I", canvas[1] - 1)[:3])
    data += riff_chunk(b"ANIM", struct.pack("<IH", 0xFF204060, 0))
    for left, top, image, options in frames:
        still = encoded(image, "WEBP", **options)
        place = b"".join(struct.pack("<I", number)[:3] for number in (left // 2, top // 2, image.width - 1, image.height - 1, 100))
        data += riff_chunk(b"ANMF", place + b"\0" + still[still.index(b"VP8L" if options.get("lossless") else b"VP8 "):])
    return b"RIFF" + struct.pack("<I", 4 + len(data)) + b"WEBP" + data


def gif(screen, frame, flags, image, palette, local=None, transparent=None):
    """A GIF file of one frame (left, top) whose compressed data Pillow made."""
    written = encoded(image, "GIF", interlace=bool(flags & 0x40), optimize=False)
    body = written[written.rindex(b",", 0, written.index(b",", 13 + 768) + 1):] if written[10] & 0x80 else written[written.index(b",", 13):]
    skip = 10 + (3 << ((body[9] & 7) + 1) if body[9] & 0x80 else 0)
    size = lambda colors: len(colors).bit_length() - 1 - 1
    data = b"GIF89a" + struct.pack("<HH", *screen) + bytes([0x80 | size(palette) if palette else 0, 0, 0]) + b"".join(bytes(color) for color in palette)
    if transparent is not None:
        data += b"!\xf9\x04\x01\0\0" + bytes([transparent]) + b"\0"
    data += b"," + struct.pack("<HHHH", *frame, image.width, image.height) + bytes([flags | (0x80 | size(local) if local else 0)]) + b"".join(bytes(color) for color in local or [])
    return data + body[skip:]


def bmp(width, height, bits, data, palette=b"", compression=0, masks=b"", core=False):
    header = struct.pack("<IHHHH", 12, width, abs(height), 1, bits) if core else struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(data), 2835, 2835, len(palette) // 4, 0)
    start = 14 + len(header) + len(masks) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + header + masks + palette + data


def bmp_rows(values, bits):
    """Rows from bottom to top, each filled up to four bytes. values: [height, width] numbers of as many bits."""
    result = b""
    for row in values[::-1]:
        if bits >= 8:
            line = row.astype(f"<u{bits // 8}").tobytes()
        else:
            line = np.packbits(((row[:, None] >> np.arange(bits - 1, -1, -1)) & 1).astype(np.uint8).reshape(-1)).tobytes()
        result += line + b"\0" * (-len(line) % 4)
    return result


def run_lengths(values, bits):
    """Runs of one value as runs, single values as absolute blocks of eight, a jump over the end of the second row."""
    result = b""
    for y, row in enumerate(values[::-1]):
        x = 0
        while x < len(row):
            end = x
            while end < len(row) and row[end] == row[x] and end - x < 255:
                end += 1
            if end - x > 1 or len(row) - x < 8:
                result += bytes([end - x, row[x] if bits == 8 else row[x] * 17])
                x = end
            else:
                block = row[x:x + 8]
                result += bytes([0, 8]) + bytes(block.astype(np.uint8) if bits == 8 else (block[::2] * 16 + block[1::2]).astype(np.uint8))
                x += 8
        result += b"\0\0"
    return result + b"\0\1"


def colors(count, seed):
    return [tuple(int(c) & 255 for c in mix(np.arange(3), seed + i)) for i in range(count)]


def bmp_palette(count, seed, size=4):
    return b"".join(bytes([b, g, r, 0][:size]) for r, g, b in colors(count, seed))


def files():
    small = Image.fromarray(photo(45, 37, 1))
    yield "photo.jpg", encoded(Image.fromarray(photo(500, 375, 40)), "JPEG", quality=88)
    yield "baseline-444.jpg", encoded(small, "JPEG", quality=90, subsampling=0)
    yield "baseline-420.jpg", encoded(small, "JPEG", quality=60, subsampling=2)
    yield "progressive-422.jpg", encoded(small, "JPEG", quality=80, subsampling=1, progressive=True)
    yield "gray.jpg", encoded(small.convert("L"), "JPEG", quality=80)
    yield "gray-progressive.jpg", encoded(small.convert("L"), "JPEG", quality=80, progressive=True)
    yield "cmyk.jpg", encoded(small.convert("CMYK"), "JPEG", quality=80)
    yield "ycck.jpg", ycck(samples(45, 37, 4, 8, 14).astype(np.uint8) // 4 + 100, 0)
    yield "ycck-420.jpg", ycck(255 - np.asarray(small.convert("CMYK")), 2)
    yield "restart-blocks-420.jpg", turbo_jpeg(np.asarray(small), 2, RESTART="2B")
    yield "restart-rows-444.jpg", turbo_jpeg(np.asarray(small), 0, RESTART="1")
    yield "restart-progressive.jpg", turbo_jpeg(np.asarray(small), 1, RESTART="3B", PROGRESSIVE="1")
    yield "restart-cmyk.jpg", turbo_jpeg(255 - np.asarray(small.convert("CMYK")), 0, 11, RESTART="1")
    yield "arithmetic.jpg", turbo_jpeg(np.asarray(small), 2, ARITHMETIC="1")
    yield "arithmetic-progressive-restart.jpg", turbo_jpeg(np.asarray(small), 1, ARITHMETIC="1", PROGRESSIVE="1", RESTART="1")
    yield "one-pixel.jpg", encoded(small.crop((3, 3, 4, 4)), "JPEG")
    for orientation in range(1, 9):
        yield f"turned-{orientation}.jpg", encoded(small.crop((0, 0, 21, 13)), "JPEG", quality=90, exif=exif(orientation, "<>"[orientation % 2], 3 + orientation // 5))
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
    yield "rgb-narrow-interlaced.png", png(samples(3, 9, 3, 8, 15), 8, 2, interlaced=True)
    yield "palette-1-bit.png", png(samples(19, 11, 1, 1, 16), 1, 3, before=chunk(b"PLTE", b"".join(bytes(color) for color in colors(2, 17))))
    yield "palette-4-bits-interlaced.png", png(samples(19, 11, 1, 4, 18), 4, 3, interlaced=True, before=chunk(b"PLTE", b"".join(bytes(color) for color in colors(16, 19))))
    yield "transparent-colour.png", png(samples(19, 11, 3, 8, 20), 8, 2, before=chunk(b"tRNS", struct.pack(">HHH", 1, 2, 3)))
    yield "turned.png", encoded(small.crop((0, 0, 21, 13)), "PNG", exif=exif(6)[6:])
    yield "rgb-16-bits.png", png(samples(19, 11, 3, 16, 9), 16, 2)
    yield "rgb-16-bits-interlaced.png", png(samples(19, 11, 3, 16, 10), 16, 2, interlaced=True)
    yield "rgba-16-bits.png", png(samples(19, 11, 4, 16, 11), 16, 6)
    yield "rgba-16-bits-interlaced.png", png(samples(19, 11, 4, 16, 12), 16, 6, interlaced=True)
    yield "gray-alpha-16-bits.png", png(samples(19, 11, 2, 16, 13), 16, 4)
    alpha = Image.fromarray(np.dstack([np.asarray(small), samples(45, 37, 1, 8, 21).astype(np.uint8)]), "RGBA")
    yield "lossy.webp", encoded(small, "WEBP", quality=60)
    yield "lossy-alpha.webp", encoded(alpha, "WEBP", quality=80, exact=True)
    yield "lossless.webp", encoded(small, "WEBP", lossless=True)
    yield "lossless-alpha.webp", encoded(alpha, "WEBP", lossless=True, exact=True)
    yield "palette.webp", encoded(small.quantize(12).convert("RGB"), "WEBP", lossless=True)
    yield "turned.webp", encoded(small.crop((0, 0, 21, 13)), "WEBP", quality=80, exif=exif(8)[6:])
    yield "animation.webp", encoded(small, "WEBP", save_all=True, append_images=[small.transpose(0)], quality=80)
    yield "animation-beside.webp", webp_animation((40, 30), [(6, 4, small.crop((0, 0, 20, 17)), {"quality": 75}), (0, 0, small.crop((0, 0, 8, 8)), {"lossless": True})])
    yield "animation-lossless.webp", webp_animation((45, 37), [(0, 0, small, {"lossless": True})])
    yield "colours.gif", encoded(small.quantize(200), "GIF")
    yield "interlaced.gif", encoded(small.quantize(16), "GIF", interlace=1)
    yield "gray.gif", encoded(small.convert("L"), "GIF")
    yield "transparent.gif", encoded(small.quantize(30), "GIF", transparency=3)
    yield "animation.gif", encoded(small.quantize(60), "GIF", save_all=True, append_images=[small.transpose(0).quantize(60)])
    few = Image.fromarray((samples(20, 17, 1, 3, 22)[..., 0]).astype(np.uint8), "P")
    few.putpalette(bytes(range(256)) * 3)
    yield "beside.gif", gif((40, 30), (6, 4), 0, few, colors(8, 23))
    yield "beside-transparent.gif", gif((40, 30), (6, 4), 0x40, few, colors(16, 24), transparent=5)
    yield "local-palette.gif", gif((20, 17), (0, 0), 0, few, colors(4, 25), local=colors(8, 26))
    yield "beyond.gif", gif((10, 10), (3, 2), 0, few, colors(8, 27))
    yield "no-palette.gif", gif((20, 17), (0, 0), 0, few, [])
    yield "noise.gif", encoded(Image.fromarray(samples(130, 120, 1, 8, 28)[..., 0].astype(np.uint8)).quantize(256), "GIF")
    yield "colours.bmp", encoded(small, "BMP")
    yield "palette.bmp", encoded(small.quantize(200), "BMP")
    yield "gray.bmp", encoded(small.convert("L"), "BMP")
    yield "bilevel.bmp", encoded(small.convert("1"), "BMP")
    yield "alpha.bmp", encoded(alpha, "BMP")
    index = lambda bits, seed: samples(45, 37, 1, bits, seed)[..., 0]
    yield "palette-1-bit.bmp", bmp(45, 37, 1, bmp_rows(index(1, 29), 1), bmp_palette(2, 30))
    yield "palette-4-bits.bmp", bmp(45, 37, 4, bmp_rows(index(4, 31), 4), bmp_palette(16, 32))
    yield "few-colours.bmp", bmp(45, 37, 8, bmp_rows(index(5, 33), 8), bmp_palette(32, 34))
    yield "os2.bmp", bmp(45, 37, 8, bmp_rows(index(8, 35), 8), bmp_palette(256, 36, 3), core=True)
    yield "15-bits.bmp", bmp(45, 37, 16, bmp_rows(index(16, 37), 16))
    yield "16-bits.bmp", bmp(45, 37, 16, bmp_rows(index(16, 38), 16), compression=3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F))
    yield "32-bits.bmp", bmp(45, 37, 32, bmp_rows(index(32, 39), 32))
    yield "32-bits-xbgr.bmp", bmp(45, 37, 32, bmp_rows(index(32, 40), 32), compression=3, masks=struct.pack("<III", 0xFF000000, 0xFF0000, 0xFF00))
    yield "top-down.bmp", bmp(45, -37, 4, bmp_rows(index(4, 41), 4), bmp_palette(16, 42))
    long = np.where(index(3, 43) > 4, index(4, 44), 7)
    yield "runs-8-bits.bmp", bmp(45, 37, 8, run_lengths(long * 3, 8), bmp_palette(256, 45), compression=1)
    yield "runs-4-bits.bmp", bmp(45, 37, 4, run_lengths(long, 4), bmp_palette(16, 46), compression=2)


os.makedirs(FOLDER, exist_ok=True)
entries = []
for name, data in files():
    with open(os.path.join(FOLDER, name), "wb") as file:
        file.write(data)
    source = Image.open(io.BytesIO(data))
    image = source.convert("RGB")
    entry = {"file": name, "width": image.width, "height": image.height, "sha256": hashlib.sha256(image.tobytes()).hexdigest()}
    if "turned" in name:
        upright = ImageOps.exif_transpose(source).convert("RGB")
        entry |= {"orientation": source.getexif()[0x0112], "upright": [upright.width, upright.height, hashlib.sha256(upright.tobytes()).hexdigest()]}
    if name in ("photo.jpg", "cmyk.jpg", "progressive-422.jpg"):
        entry["draft"] = []  # what Pillow's draft makes where the shorter side is to have so many pixels at least
        for side in (image.height, image.height // 2, image.height // 4, 4, 1):
            source = Image.open(io.BytesIO(data))
            source.draft(None, (side, side))
            scaled = source.convert("RGB")
            entry["draft"].append([side, scaled.width, scaled.height, hashlib.sha256(scaled.tobytes()).hexdigest()])
    entries.append(entry)
with open("decoder.json", "w", newline="\n") as file:
    lines = ",\n".join("  " + json.dumps(entry) for entry in entries)
    file.write(f'{{"pillow": "{PIL.__version__}", "libjpeg-turbo": "{features.version("libjpeg_turbo")}", "libwebp": "{features.version("webp")}",\n"files": [\n{lines}\n]}}\n')
