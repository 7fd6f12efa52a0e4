"""Pillow's and torchvision's side of the imaging benchmarks (Imaging/*.cs start this): reads the name of a case and a time in seconds from each line of its
input, answers with calls per second of processor time. One thread. Arguments: a picture, and the file to write it to as lossless WebP where that is wanted."""
import io
import sys
import time

import PIL
from PIL import Image, features

picture = open(sys.argv[1], "rb").read()


def decode():
    image = Image.open(io.BytesIO(picture))
    image.load()
    return image.convert("RGB")


decoded = decode()
cases = {"decode": decode}
if len(sys.argv) > 2:
    stream = io.BytesIO()
    decoded.save(stream, "WEBP", lossless=True)
    with open(sys.argv[2], "wb") as file:
        file.write(stream.getvalue())
    cases["webp decode"] = lambda: Image.open(io.BytesIO(stream.getvalue())).convert("RGB")
for name in ("BOX", "BILINEAR", "HAMMING", "BICUBIC", "LANCZOS"):
    for width, height in ((341, 256), (1000, 750)):
        cases[f"{name.lower()} {width} {height}"] = lambda filter=Image.Resampling[name], size=(width, height): decoded.resize(size, filter)
versions = f"Pillow {PIL.__version__} on libjpeg-turbo {features.version('libjpeg_turbo')}"
try:
    import numpy as np
    import torch
    import torchvision
    from torchvision import transforms

    torch.set_num_threads(1)
    prepare = transforms.Compose([
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ])
    cases["prepare"] = lambda: prepare(decoded)
    window = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224)])
    to_bytes = lambda image: np.asarray(window(image)).copy()
    cases["encoded to tensor"] = lambda: prepare(decode())
    cases["file to tensor"] = lambda: prepare(Image.open(sys.argv[1]).convert("RGB"))
    cases["prepare half"] = lambda: prepare(decoded).half()
    cases["encoded to half"] = lambda: prepare(decode()).half()
    cases["prepare bytes"] = lambda: to_bytes(decoded)
    cases["encoded to bytes"] = lambda: to_bytes(decode())
    versions += f", torchvision {torchvision.__version__}, torch {torch.__version__}"
except ImportError:
    pass

print(versions, flush=True)
for line in sys.stdin:
    name, seconds = line.rsplit(" ", 1)
    if name not in cases:
        print("missing", flush=True)
        continue
    action, count, start = cases[name], 0, time.process_time()
    while True:
        action()
        count += 1
        elapsed = time.process_time() - start
        if elapsed > float(seconds):
            break
    print(count / elapsed, flush=True)
