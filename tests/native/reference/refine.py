"""Matte refinement by its definitions: the guided filter and blur-fusion on a grid of cells.

Grids are planes, H x W in cells; a guide is (3, H, W), red, green and blue as 0..255.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.native.reference.light import to_linear, to_srgb

Array = NDArray[np.float64]


def smooth_step(v: NDArray[Any], low: float, high: float) -> Array:
    """0 up to low, 1 from high on, 3 t^2 - 2 t^3 between."""
    t = np.clip((np.asarray(v, np.float64) - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))


def box_mean(plane: NDArray[Any], radius: int) -> Array:
    """Mean over 2 radius + 1 cells each way, of what of the window lies inside."""

    def window(n: int) -> Array:
        distance = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
        inside = (distance <= radius).astype(np.float64)
        return np.asarray(inside / inside.sum(axis=1, keepdims=True))

    height, width = plane.shape[-2:]
    return np.asarray(window(height) @ np.asarray(plane, np.float64) @ window(width).T)


def cell_size(height: int, width: int) -> int:
    return max(1, max(height, width) // 340)


def cell_radius(share: float, grid: NDArray[Any]) -> int:
    return max(1, int(share * max(grid.shape[-2:]) + 0.5))


def cell_means(image: NDArray[Any], cell: int) -> Array:
    """H x W x C as (C, h, w): means of cells, of which the last ones may hang over the edge.

    Of a cell of eight rows or more, four to seven evenly spread ones stand for all.
    """
    height, width, _ = image.shape
    rows = []
    for top in range(0, height, cell):
        n = min(cell, height - top)
        step = max(1, n // 4)
        count = min(n // step, 7)
        rows.append(image[top + step // 2 :: step][:count].astype(np.float64).mean(axis=0))
    lines = np.stack(rows)
    columns = [lines[:, x : x + cell].mean(axis=1) for x in range(0, width, cell)]
    return np.asarray(np.stack(columns, axis=1).transpose(2, 0, 1))


def axis_matrix(source: int, target: int, scale: float) -> Array:
    """Bilinear weights (target x source); a target sample is `scale` source samples wide."""
    matrix = np.zeros((target, source))
    for i in range(target):
        position = min(max((i + 0.5) * scale - 0.5, 0.0), source - 1.0)
        left = int(np.floor(position))
        matrix[i, left] += 1.0 - (position - left)
        matrix[i, min(left + 1, source - 1)] += position - left
    return matrix


def stretch(grid: NDArray[Any], height: int, width: int, cell: int) -> Array:
    """Planes of cells at the pixels of a picture."""
    rows = axis_matrix(grid.shape[-2], height, 1.0 / cell)
    columns = axis_matrix(grid.shape[-1], width, 1.0 / cell)
    return np.asarray(rows @ np.asarray(grid, np.float64) @ columns.T)


def covariance_inverse(means: NDArray[Any], products: NDArray[Any], epsilon: float) -> Array:
    """(3, 3, H, W): inverse of cov(guide) + epsilon, from means of rr, rg, rb, gg, gb, bb."""
    second = np.stack(
        [products[[0, 1, 2]], products[[1, 3, 4]], products[[2, 4, 5]]]
    )  # the symmetric matrix, row by row
    covariance = second - means[:, None] * means[None]
    matrices = np.moveaxis(covariance, (0, 1), (-2, -1)) + epsilon * np.eye(3)
    return np.asarray(np.moveaxis(np.linalg.inv(matrices), (-2, -1), (0, 1)))


def guided_coefficients(guide: Array, mask: Array, radius: int, epsilon: float) -> Array:
    """(4, H, W): the averaged a (three planes) and b of He, Sun & Tang 2013, eqs. 14-16."""
    means = box_mean(guide, radius)
    pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
    products = box_mean(np.stack([guide[i] * guide[j] for i, j in pairs]), radius)
    mean = box_mean(mask, radius)
    cross = box_mean(guide * mask, radius) - means * mean
    a = np.einsum("ijyx,jyx->iyx", covariance_inverse(means, products, epsilon), cross)
    b = mean - (a * means).sum(axis=0)
    return box_mean(np.concatenate([a, b[None]]), radius)


def guided_cells(image: NDArray[Any], mask: NDArray[Any]) -> tuple[Array, Array]:
    """The guide, and the coefficients that the second run makes, in cells."""
    height, width = image.shape[:2]
    cell = cell_size(height, width)
    guide = cell_means(image, cell)
    full_scale = 255.0 if mask.dtype == np.uint8 else 1.0
    rows = axis_matrix(mask.shape[0], guide.shape[1], cell * mask.shape[0] / height)
    columns = axis_matrix(mask.shape[1], guide.shape[2], cell * mask.shape[1] / width)
    alpha = rows @ (np.asarray(mask, np.float64) / full_scale) @ columns.T
    radius = cell_radius(0.008, guide)
    first = guided_coefficients(guide, alpha, radius, 6.5)
    alpha = smooth_step((first[:3] * guide).sum(axis=0) + first[3], 0.1, 0.9)
    return guide, guided_coefficients(guide, alpha, radius, 6.5)


def guided_matte(image: NDArray[Any], mask: NDArray[Any]) -> Array:
    """The matte that the photograph's edges make of a network's mask, H x W."""
    height, width = image.shape[:2]
    _, coefficients = guided_cells(image, mask)
    second = stretch(coefficients, height, width, cell_size(height, width))
    explained = (second[:3] * image.transpose(2, 0, 1)).sum(axis=0) + second[3]
    return smooth_step(explained, 0.05, 0.95)


def fused(
    colour: NDArray[Any], alpha: NDArray[Any], front: NDArray[Any], back: NDArray[Any]
) -> Array:
    """What of the colour the two parts do not explain, given to the foreground (Forte 2021)."""
    return np.asarray(front + alpha * (colour - alpha * front - (1 - alpha) * back))


def part_colours(front: Array, back: Array, alpha: Array, radius: int) -> tuple[Array, Array]:
    """Means of front and back, weighted by alpha and 1 - alpha."""
    share = box_mean(alpha, radius)
    return (
        box_mean(alpha * front, radius) / (share + 1e-5),
        box_mean((1 - alpha) * back, radius) / (1 - share + 1e-5),
    )


def foreground_value(image: NDArray[Any], matte: Array, guide: Array, alpha: Array) -> Array:
    """The subject's colours, H x W x 3, not rounded; `guide` and `alpha` are those of the cells."""
    height, width = matte.shape
    cell = cell_size(height, width)
    front, back = part_colours(guide, guide, alpha, cell_radius(0.044, guide))
    front = np.clip(fused(guide, alpha, front, back), 0, 255)
    front, back = part_colours(front, back, alpha, cell_radius(0.006, guide))
    near = stretch(front, height, width, cell).transpose(1, 2, 0)
    far = stretch(back, height, width, cell).transpose(1, 2, 0)
    a = matte[..., None]
    foreground = np.clip(fused(image.astype(np.float64), a, near, far), 0, 255)
    return np.where(a > 0, foreground, image)


def guided_foreground(image: NDArray[Any], mask: NDArray[Any]) -> Array:
    """The same of a matte that is guided, which knows the alpha of its cells."""
    guide, second = guided_cells(image, mask)
    alpha = smooth_step((second[:3] * guide).sum(axis=0) + second[3], 0.05, 0.95)
    return foreground_value(image, guided_matte(image, mask), guide, alpha)


def unmix(image: NDArray[Any], matte: Array) -> tuple[Array, Array]:
    """Foreground and background values, H x W x 3, not rounded."""
    cell = cell_size(*matte.shape)
    guide, alpha = cell_means(image, cell), cell_means(matte[..., None], cell)[0]
    foreground = foreground_value(image, matte, guide, alpha)
    return foreground, background_value(image, np.floor(foreground + 0.5), matte[..., None])


def background_value(image: NDArray[Any], foreground: NDArray[Any], alpha: NDArray[Any]) -> Array:
    """What is left of the pixel's light without alpha of the foreground's, over 1 - alpha."""
    rest = to_linear(image) - alpha * to_linear(foreground)
    soft = (alpha > 0) & (alpha < 1)
    return np.where(soft, to_srgb(rest / np.where(soft, 1 - alpha, 1)), image)
