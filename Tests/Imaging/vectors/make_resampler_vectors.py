"""Writes resampler.json: SHA-256 of Pillow's resized bytes for seeded pictures, and torchvision's centre windows. Of 512 random pairs of sizes, that each filter gets, one SHA-256
stands for the bytes of sixteen.

Run with Pillow and torchvision (written with Pillow 9.4.0, torchvision 0.14.1):  python3 make_resampler_vectors.py
"""
import hashlib
import json
import random

import numpy as np
import PIL
import torchvision.transforms.functional as F
from PIL import Image
from torchvision.transforms import InterpolationMode

from pictures import KINDS, picture, random_sizes

MODES = {2: InterpolationMode.BILINEAR, 3: InterpolationMode.BICUBIC}


def sha(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def resize_cases():
    choose = random.Random(20260101)
    sizes = [(500, 375, 341, 256), (28, 28, 64, 64), (64, 64, 28, 28), (1, 1, 7, 5), (1, 90, 3, 4), (300, 2, 2, 300), (1000, 3, 5, 3),
             (97, 61, 97, 40), (97, 61, 40, 61), (97, 61, 97, 61), (16, 16, 17, 15), (700, 500, 5, 4), (2, 2, 200, 150)]
    while len(sizes) < 60:
        top = choose.choice([6, 40, 200])
        sizes.append(tuple(choose.randint(1, top) for _ in range(4)))
    for number, (width, height, new_width, new_height) in enumerate(sizes):
        for mode in range(6):
            kind = KINDS[(number + mode) % 3]
            result = np.asarray(Image.fromarray(picture(width, height, number, kind)).resize((new_width, new_height), mode))
            case = {"from": [width, height], "to": [new_width, new_height], "filter": mode, "seed": number, "kind": kind, "sha256": sha(result)}
            if result.size <= 64:  # small ones in full, to see what is wrong when something is
                case["bytes"] = result.tobytes().hex()
            yield case


def random_cases():
    for block in range(32):
        for mode in range(6):
            digest = hashlib.sha256()
            for number in range(16 * block, 16 * block + 16):
                width, height, new_width, new_height = random_sizes(number)
                image = Image.fromarray(picture(width, height, number, KINDS[(number + mode) % 3]))
                digest.update(image.resize((new_width, new_height), mode).tobytes())
            yield {"first": 16 * block, "filter": mode, "sha256": digest.hexdigest()}


def window_cases():
    for number, (width, height) in enumerate([(500, 375), (375, 500), (256, 256), (257, 256), (259, 256), (300, 1000), (28, 28), (33, 34), (640, 427)]):
        for shorter, crop in [(256, 224), (256, 255), (32, 28), (64, 63)]:
            for mode in (2, 3):
                image = Image.fromarray(picture(width, height, 900 + number, "gradient"))
                result = F.center_crop(F.resize(image, [shorter], MODES[mode]), [crop, crop])
                yield {"from": [width, height], "shorter": shorter, "crop": crop, "filter": mode, "seed": 900 + number, "kind": "gradient", "sha256": sha(np.asarray(result))}


with open("resampler.json", "w", newline="\n") as file:
    lines = lambda cases: ",\n".join("  " + json.dumps(case) for case in cases)
    file.write(f'{{"pillow": "{PIL.__version__}",\n"resize": [\n{lines(resize_cases())}\n],\n"random": [\n{lines(random_cases())}\n],\n"windows": [\n{lines(window_cases())}\n]}}\n')
