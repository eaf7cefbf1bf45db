"""Frames without text, made from a source of chance."""

from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

Frame = NDArray[Any]


def black(height: int = 480, width: int = 640) -> Frame:
    """Return a frame without anything in it."""
    return np.zeros((height, width), np.uint8)


def radiograph(chance: Random, height: int = 900, width: int = 760) -> Frame:
    """Return something like a chest: soft shapes of 12 bits, and noise."""
    noise = np.random.default_rng(chance.randint(0, 2**31))
    y, x = np.mgrid[0:height, 0:width] / (height, width)[0]
    field = 1800 + 900 * np.exp(-(((x - 0.42) / 0.12) ** 2))
    for centre in (0.2, 0.64):
        field -= 1200 * np.exp(-(((x - centre) / 0.13) ** 2) - ((y - 0.45) / 0.27) ** 2)
    for rib in range(9):
        field += 150 * np.exp(-(((y - 0.1 - rib * 0.09 - 0.4 * (x - 0.42) ** 2) / 0.012) ** 2))
    noisy: Frame = np.clip(field + noise.normal(0, 25, field.shape), 0, 4095).astype(np.uint16)
    return noisy


def ultrasound(chance: Random, height: int = 600, width: int = 800) -> Frame:
    """Return a sector of speckles in colours on black."""
    noise = np.random.default_rng(chance.randint(0, 2**31))
    y, x = np.mgrid[0:height, 0:width]
    radius, angle = np.hypot(x - width / 2, y + 60), np.arctan2(x - width / 2, y + 60)
    inside = (radius > 110) & (radius < height) & (np.abs(angle) < 0.7)
    layers = 60 + 40 * np.sin(radius / 37 + 2 * np.sin(angle * 4))
    speckles = noise.rayleigh(0.8, layers.shape)
    near = [np.roll(speckles, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    grey = np.where(inside, np.clip(layers * np.mean(near, axis=0), 0, 255), 0).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)
