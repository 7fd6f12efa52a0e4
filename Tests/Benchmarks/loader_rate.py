"""Python's figures beside LoaderRate.cs, which starts this: same cache file, one thread, medians per second of processor time."""
import statistics
import sys
import time

import numpy as np
import torch
import torchvision
import torchvision.transforms.functional as F

SIDE, CROP, BATCH, REPEATS, SECONDS = 256, 224, 128, 5, 0.5
torch.set_num_threads(1)
pixels = np.memmap(sys.argv[1], np.uint8, "r").reshape(-1, 3, SIDE, SIDE)
mean = np.random.rand(3, SIDE, SIDE).astype(np.float32)
mean_tensor = torch.from_numpy(mean)
components = np.random.rand(3, 3).astype(np.float32)
random = np.random.default_rng(1)
batch = np.empty((BATCH, 3, CROP, CROP), np.float32)
batch_tensor = torch.from_numpy(batch)


def draw():
    left, top = random.integers(0, SIDE - CROP + 1, 2)
    return int(left), int(top), random.random() < 0.5, components @ (random.standard_normal(3) * 0.1).astype(np.float32)


def with_torchvision(order):
    for i, picture in enumerate(order):
        left, top, flip, noise = draw()
        image = F.convert_image_dtype(torch.from_numpy(pixels[picture]), torch.float32) - mean_tensor
        image = F.crop(image, top, left, CROP, CROP)
        if flip:
            image = F.hflip(image)
        batch_tensor[i] = image + torch.from_numpy(noise)[:, None, None]


def with_numpy(order):
    for i, picture in enumerate(order):
        left, top, flip, noise = draw()
        rows, columns = slice(top, top + CROP), slice(left, left + CROP)
        target = batch[i, :, :, ::-1] if flip else batch[i]
        np.multiply(pixels[picture, :, rows, columns], np.float32(1 / 255), out=target)
        target -= mean[:, rows, columns]
        target += noise[:, None, None]


def measure(fill):
    count, start = 0, time.process_time()
    while True:
        fill(random.integers(0, len(pixels), BATCH))
        count += BATCH
        elapsed = time.process_time() - start
        if elapsed > SECONDS:
            return count / elapsed


def report(what, fill):
    measure(fill)
    rates = sorted(measure(fill) for _ in range(REPEATS))
    print(f"{what:40} {statistics.median(rates):8.0f} images/s   (from {rates[0]:.0f} to {rates[-1]:.0f})")


pixels[:].sum()
report(f"torchvision {torchvision.__version__.split('+')[0]}, torch {torch.__version__.split('+')[0]}", with_torchvision)
report(f"numpy {np.__version__}, in place", with_numpy)
