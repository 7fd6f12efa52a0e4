"""Seeded pictures that the C# tests repeat exactly (TestPictures.cs): integers only, no random generator of any library."""
import numpy as np

KINDS = ("noise", "extremes", "gradient")


def mix(index, seed):
    """A 32-bit integer hash of each index."""
    x = (index.astype(np.uint64) * 2654435761 + seed * 40503 + 12345) & 0xFFFFFFFF
    x ^= x >> 15
    x = (x * 2246822519) & 0xFFFFFFFF
    x ^= x >> 13
    return x


def picture(width, height, seed, kind):
    """[height, width, 3] bytes."""
    index = np.arange(width * height * 3)
    x = mix(index, seed)
    if kind == "noise":
        values = x & 255
    elif kind == "extremes":  # 0 and 255 only: filters with negative lobes overshoot and are clipped
        values = (x & 1) * 255
    else:
        column, row, channel = index // 3 % width, index // 3 // width, index % 3
        values = (column * (3 + channel) + row * 5 + seed + (x & 7).astype(int)) & 255
    return values.astype(np.uint8).reshape(height, width, 3)


def random_sizes(number):
    """Width, height, new width and new height of a random case: up and down, odd and even, one pixel and many."""
    x = [int(value) for value in mix(np.arange(5), 7000 + number)]
    top = (6, 40, 130)[x[4] % 3]
    return [1 + (value >> 8) % top for value in x[:4]]
