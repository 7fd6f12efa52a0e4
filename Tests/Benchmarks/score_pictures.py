"""Writes seeded, photo-like JPEG files of about 500 x 375 into a folder: python3 score_pictures.py FOLDER COUNT

Fields of noise that fall off with frequency as those of photographs do, correlated over the three colours, with a few flat shapes whose edges are sharp. Sizes, orientation,
quality and chroma subsampling vary as they do in folders of photographs. About 100 KB a file, as ImageNet's.
"""
import os
import sys

import numpy as np
from PIL import Image, ImageDraw

BASES, SIDE = 24, 768


def base(random):
    frequencies = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None, :])
    frequencies[0, 0] = 1
    fields = [np.fft.irfft2(np.fft.rfft2(random.standard_normal((SIDE, SIDE))) / frequencies ** 1.15, s=(SIDE, SIDE)) for _ in range(3)]
    light, warm, green = [field / field.std() for field in fields]
    rgb = np.stack([light + 0.35 * warm, light + 0.25 * green, light - 0.35 * warm - 0.2 * green], axis=2)
    image = Image.fromarray(np.clip(120 + 52 * rgb, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image, "RGBA")
    for _ in range(12):
        x, y, w, h = random.integers(0, SIDE, 2).tolist() + random.integers(20, 200, 2).tolist()
        shape = draw.ellipse if random.integers(2) else draw.rectangle
        shape([x, y, x + w, y + h], fill=tuple(random.integers(0, 256, 3).tolist()) + (int(random.integers(60, 200)),))
    return image


def main(folder, count):
    random = np.random.default_rng(2012)
    bases = [base(random) for _ in range(BASES)]
    for i in range(count):
        image = bases[random.integers(BASES)]
        width, height = (500, int(random.integers(330, 401)))
        if random.integers(4) == 0:
            width, height = height, width
        x, y = int(random.integers(0, SIDE - width + 1)), int(random.integers(0, SIDE - height + 1))
        image = image.crop((x, y, x + width, y + height))
        if random.integers(2):
            image = image.transpose(Image.FLIP_LEFT_RIGHT)
        sub = os.path.join(folder, f"{i // 500:03d}")
        os.makedirs(sub, exist_ok=True)
        image.save(os.path.join(sub, f"{i:06d}.jpg"), quality=int(random.integers(85, 97)), subsampling=int(random.choice([0, 2, 2, 2])))


main(sys.argv[1], int(sys.argv[2]))
