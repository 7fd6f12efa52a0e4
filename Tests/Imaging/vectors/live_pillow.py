"""For LivePillowTests.cs: writes pictures of every format with random options into a folder and says of each, one JSON object a line, what Pillow decodes and resizes it to.
Arguments: folder, seed, number of pictures."""
import hashlib
import io
import json
import os
import random
import sys

from PIL import Image, ImageOps

from pictures import KINDS, picture

folder, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
choose = random.Random(seed)
FORMATS = ("jpg", "png", "webp", "gif", "bmp")
MODES = {"jpg": ("RGB", "L", "CMYK"), "png": ("RGB", "RGBA", "L", "LA", "P", "1"), "webp": ("RGB", "RGBA"), "gif": ("P", "L"), "bmp": ("RGB", "RGBA", "P", "L", "1")}


def sha(image):
    return hashlib.sha256(image.tobytes()).hexdigest()


def options(kind, mode):
    if kind == "jpg":
        result = {"quality": choose.randint(5, 100), "progressive": choose.random() < 0.4, "optimize": choose.random() < 0.3}
        if mode == "RGB":
            result["subsampling"] = choose.randint(0, 2)
        if choose.random() < 0.5:
            exif = Image.Exif()
            exif[0x0112] = choose.randint(1, 8)
            result["exif"] = exif.tobytes()
        return result
    if kind == "webp":
        return {"lossless": choose.random() < 0.4, "quality": choose.randint(1, 100), "method": choose.randint(0, 4), "exact": True}
    if kind == "png":
        return {"compress_level": choose.randint(0, 9), "optimize": False}
    return {"interlace": choose.randint(0, 1)} if kind == "gif" else {}


for number in range(count):
    kind = FORMATS[number % len(FORMATS)]
    top = choose.choice([3, 20, 70, 150])
    width, height = choose.randint(1, top), choose.randint(1, top)
    mode = choose.choice(MODES[kind])
    base = Image.fromarray(picture(width, height, seed + number, choose.choice(KINDS)))
    if mode in ("RGBA", "LA"):
        base = base.convert(mode)
        base.putalpha(Image.fromarray(picture(width, height, seed + number + 1, "noise")[..., 0]))
    elif mode == "P":
        base = base.quantize(choose.choice([2, 3, 16, 17, 200, 256]))
    else:
        base = base.convert(mode)
    stream = io.BytesIO()
    base.save(stream, {"jpg": "JPEG"}.get(kind, kind.upper()), **options(kind, mode))
    name = f"{number}-{mode}.{kind}"
    with open(os.path.join(folder, name), "wb") as file:
        file.write(stream.getvalue())
    source = Image.open(io.BytesIO(stream.getvalue()))
    decoded = source.convert("RGB")
    upright = ImageOps.exif_transpose(source).convert("RGB")
    new_size, resampling = (choose.randint(1, top), choose.randint(1, top)), choose.randint(0, 5)
    print(json.dumps({
        "file": name, "lossy": kind == "jpg" or (kind == "webp" and stream.getvalue()[12:16] == b"VP8 " or b"VP8 " in stream.getvalue()[:64]),
        "sha256": sha(decoded), "upright": sha(upright), "to": new_size, "filter": resampling, "resized": sha(upright.resize(new_size, resampling))}))
