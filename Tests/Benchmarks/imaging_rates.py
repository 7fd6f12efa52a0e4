"""Pillow's and torchvision's side of the imaging benchmarks (Imaging/*.cs start this): reads the name of a case and a time in seconds from each line of its
input, answers with calls per second of processor time. One thread. Argument: a JPEG file."""
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
for name in ("BOX", "BILINEAR", "HAMMING", "BICUBIC", "LANCZOS"):
    for width, height in ((341, 256), (1000, 750)):
        cases[f"{name.lower()} {width} {height}"] = lambda filter=Image.Resampling[name], size=(width, height): decoded.resize(size, filter)
versions = f"Pillow {PIL.__version__} on libjpeg-turbo {features.version('libjpeg_turbo')}"
try:
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
    cases["jpeg to tensor"] = lambda: prepare(decode())
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
