"""Weights as 7-bit integers, rounded so that what a layer computes changes least.

Rounding each weight by itself is what ruins the small network: a layer whose inputs go together
(a channel that is bright wherever there is background) adds up the errors.  Here each weight's
rounding error is made up for by the weights not yet rounded, as in "GPTQ: Accurate post-training
quantization for generative pre-trained transformers" (Frantar, Ashkboos, Hoefler and Alistarh,
2023): that is least squares under the covariance of the layer's inputs.  What is left of the
mean goes into the bias.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.observe import Patches

# -64 to 64 rather than -127 to 127: two products of a byte and such a weight fit 16 bits, in which
# x86 CPUs without VNNI add them up; with larger weights they saturate and give another mask.
LARGEST = 64
DAMPING = 0.001  # of the mean variance: holds on to the weights where photographs say little
BLOCK = 128
CLIPS = np.linspace(1.0, 0.6, 21)  # of a channel's largest weight; to try as the largest code


class Rounded(NamedTuple):
    """Integer weights, the scale of each output channel, and what to add to the bias."""

    codes: NDArray[np.int8]
    scales: NDArray[np.float32]
    bias_change: NDArray[np.float64]


def round_weights(weights: NDArray[np.float32], patches: Patches) -> Rounded:
    """The weights (out x in x height x width) of a convolution that sees `patches`."""
    flat = weights.reshape(len(weights), -1).astype(np.float64)
    scales = channel_scales(flat)
    starts = np.cumsum([len(each) for each in patches.covariances])[:-1]
    runs = zip(np.split(flat, starts, axis=1), patches.covariances, strict=True)
    steps = scales.astype(np.float64)
    codes = np.concatenate([round_in_order(run, steps, cov) for run, cov in runs], axis=1)
    lost = flat - codes * scales[:, np.newaxis].astype(np.float64)
    return Rounded(codes.reshape(weights.shape).astype(np.int8), scales, lost @ patches.mean)


def channel_scales(flat: NDArray[np.float64]) -> NDArray[np.float32]:
    """Of each output channel, the scale that rounds its weights with the least square error."""
    largest = np.maximum(np.abs(flat).max(axis=1), 1e-8)
    candidates = (largest * CLIPS[:, np.newaxis] / LARGEST).astype(np.float32)
    errors = []
    for scales in candidates:
        column = scales[:, np.newaxis].astype(np.float64)
        codes = np.clip(np.rint(flat / column), -LARGEST, LARGEST)
        errors.append(((codes * column - flat) ** 2).sum(axis=1))
    best: NDArray[np.float32] = candidates[np.argmin(errors, axis=0), np.arange(len(flat))]
    return best


def round_in_order(
    flat: NDArray[np.float64], scales: NDArray[np.float64], covariance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Codes of the weights, the most busy input first, each error passed on to those to come."""
    order = np.argsort(-np.diag(covariance), kind="stable")
    rest = flat[:, order]
    passing = error_passing(covariance[np.ix_(order, order)])
    codes = np.empty_like(rest)
    for start in range(0, rest.shape[1], BLOCK):
        block = slice(start, min(start + BLOCK, rest.shape[1]))
        errors = np.empty((len(rest), block.stop - start))
        for i in range(start, block.stop):
            codes[:, i] = np.clip(np.rint(rest[:, i] / scales), -LARGEST, LARGEST)
            error = (rest[:, i] - codes[:, i] * scales) / passing[i, i]
            rest[:, i : block.stop] -= np.outer(error, passing[i, i : block.stop])
            errors[:, i - start] = error
        rest[:, block.stop :] -= errors @ passing[block, block.stop :]
    in_place = np.empty_like(codes)
    in_place[:, order] = codes
    return in_place


def error_passing(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """The upper Cholesky factor of the inverse, damped as far as it needs to exist."""
    damping = DAMPING * max(float(np.diag(covariance).mean()), 1e-12)
    while True:
        try:
            inverse = np.linalg.inv(covariance + damping * np.eye(len(covariance)))
            upper: NDArray[np.float64] = np.linalg.cholesky(inverse).T
            return upper
        except np.linalg.LinAlgError:
            damping *= 4.0
