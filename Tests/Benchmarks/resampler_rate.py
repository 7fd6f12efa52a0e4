"""Pillow's figures beside ResamplerRate.cs: same picture, one thread, medians per second of processor time. Run from the repository's root."""
import io
import statistics
import time

import numpy as np
import PIL
from PIL import Image, features

REPEATS, SECONDS = 9, 0.3
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


def measure(action):
    count, start = 0, time.process_time()
    while True:
        action()
        count += 1
        elapsed = time.process_time() - start
        if elapsed > SECONDS:
            return count / elapsed


def report(what, action):
    measure(action)
    rates = sorted(measure(action) for _ in range(REPEATS))
    print(f"{what:34} {statistics.median(rates):8.0f} images/s   (from {rates[0]:.0f} to {rates[-1]:.0f})")


def tensor(image):
    window = image.resize((341, 256), Image.BILINEAR).crop((58, 16, 282, 240))
    return np.ascontiguousarray(((np.asarray(window).astype(np.float32) / 255 - MEAN) / DEVIATION).transpose(2, 0, 1))


def decode(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image.convert("RGB")


data = open("Tests/Imaging/vectors/decoding/photo.jpg", "rb").read()
image = decode(data)
print(f"Pillow {PIL.__version__}, libjpeg-turbo {features.version('libjpeg_turbo')}, one thread")
report("resize to 341 x 256, Bilinear", lambda: image.resize((341, 256), Image.BILINEAR))
report("resize to 341 x 256, Bicubic", lambda: image.resize((341, 256), Image.BICUBIC))
report("decoded picture to tensor", lambda: tensor(image))
report("JPEG decode alone", lambda: decode(data))
report("JPEG to tensor", lambda: tensor(decode(data)))
