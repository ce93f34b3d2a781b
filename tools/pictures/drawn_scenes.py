"""Scenes that are drawn for the documentation, with their mattes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


def night(height: int = 400, width: int = 400) -> tuple[Picture, Picture]:
    """A figure before a dark street with small, clipped lights; and its matte."""
    y, x = np.mgrid[:height, :width].astype(float)
    rng = np.random.default_rng(4)
    sky = np.stack([18 + 22 * y / height, 20 + 14 * y / height, 46 - 10 * y / height], -1)
    for left in range(0, width, 50):
        top = height * rng.uniform(0.25, 0.5)
        tone = np.array([38, 34, 44]) * rng.uniform(0.6, 1.1)
        sky[(x >= left) & (x < left + 46) & (y > top)] = tone
    for _ in range(70):
        at_x, at_y = rng.uniform(0, width), height * rng.uniform(0.05, 0.8)
        glow = np.hypot(x - at_x, y - at_y)
        sky += (90 * np.exp(-glow / 4))[..., np.newaxis] * np.array([1.0, 0.8, 0.45])
        sky[glow < rng.uniform(1.0, 2.2)] = 255
    head = np.hypot(x - width * 0.5, y - height * 0.45) < height * 0.13
    body = ((x - width / 2) / (width * 0.2)) ** 2 + ((y - height) / (height * 0.42)) ** 2 < 1
    shade = 0.75 + 0.25 * (width * 0.7 - x) / width
    sky[body] = (np.array([70, 86, 120]) * shade[..., np.newaxis])[body]
    sky[head] = (np.array([206, 164, 140]) * shade[..., np.newaxis])[head]
    matte = np.where(head | body, 255, 0).astype(np.uint8)
    return np.clip(sky, 0, 255).astype(np.uint8), matte


def avenue(height: int = 400, width: int = 600) -> tuple[Picture, Picture, NDArray[np.float32]]:
    """A white post on tiles, with posts farther and farther away; its matte, and depth."""
    y, x = np.mgrid[:height, :width]
    horizon, nearest = height // 2, 3.0
    depth = np.full((height, width), np.inf, np.float32)
    below = y > horizon
    depth[below] = nearest * (height - horizon) / (y[below] - horizon)
    image = np.full((height, width, 3), (150, 180, 220), np.uint8)
    image[:horizon][(x // 8 + y // 8)[:horizon] % 2 == 0] = (130, 160, 205)
    finite = np.where(below, depth, 0)
    tiles = (np.floor(finite * 3) + np.floor((x - width / 2) * finite / 90)) % 2 == 1
    image[below] = np.where(tiles[below, np.newaxis], (150, 140, 110), (95, 90, 75))
    colours = [(60, 60, 200), (200, 160, 40), (40, 150, 70), (200, 50, 50)]
    for k, at in enumerate((24.0, 12.0, 7.5, 5.0)):
        scale = (height - horizon) * nearest / at
        left = int(width * (0.16 + 0.22 * k) - 0.18 * scale + (k > 1) * width * 0.1)
        rows = slice(max(0, int(horizon - 1.1 * scale)), int(horizon + scale))
        columns = slice(left, left + int(0.45 * scale))
        image[rows, columns], depth[rows, columns] = colours[k], at
        image[rows, columns][::9] //= 2
    post = (
        slice(int(height * 0.12), int(height * 0.97)),
        slice(int(width * 0.5), int(width * 0.6)),
    )
    image[post], depth[post] = 240, nearest * (height - horizon) / (height * 0.97 - horizon)
    image[post][::9] = 60
    matte = np.zeros((height, width), np.uint8)
    matte[post] = 255
    return image, matte, depth
