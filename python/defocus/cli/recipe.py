"""The options as a `Recipe`, checked before any image is read."""

from __future__ import annotations

import argparse
import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from defocus.cli import values
from defocus.errors import OptionError

if TYPE_CHECKING:
    from defocus.batch.recipe import Recipe
    from defocus.models.segmenter import Segmenter

__all__ = ["checked", "with_files"]


def checked(options: argparse.Namespace, *, threads: int | None, at_once: bool = False) -> Recipe:
    """The recipe without the files that it names; `threads` is the number for one image.

    With `at_once` another thread builds the network, while the rest of the library is imported.

    Raises OptionError, OptionTypeError, and the errors of `Segmenter`.
    """
    segmenter = _segmenter(options, threads)
    if at_once:
        with suppress(RuntimeError):  # "can't start new thread": it is built at its first use
            threading.Thread(target=_build, args=(segmenter,)).start()
    from defocus.batch.recipe import Recipe

    settings = {**values.lens_options(options), **values.look_options(options)}
    settings |= values.cutout_options(options)
    settings.pop("background", None)
    if options.command != "mask":
        settings["effort"] = options.effort
    return Recipe(
        command=options.command,
        options=settings,
        finding={**values.select_options(options), "effort": options.effort},
        saving={**values.save_options(options), "threads": threads},
        no_subject=values.no_subject(options),
        every_frame=values.every_frame(options),
        segmenter=segmenter,
        max_pixels=options.max_pixels,
    )


def _build(segmenter: Segmenter) -> None:
    with suppress(Exception):  # it comes again at the first use
        segmenter.build()


def with_files(recipe: Recipe, options: argparse.Namespace) -> Recipe:
    """The recipe with its depth map, background and matte read from files."""
    from defocus.io import maps
    from defocus.io.canvas.background import Background

    settings, most = dict(recipe.options), recipe.max_pixels
    if "depth" in options:
        settings["depth"] = maps.read_depth(options.depth, max_pixels=most)
    if "background" in options:
        settings["background"] = Background(options.background, max_pixels=most)
    if options.matte is not None:
        settings["matte"] = maps.read_matte(options.matte, max_pixels=most)
    strokes = {
        name: maps.read_matte(vars(options)[name], name=name, max_pixels=most)
        for name in ("keep", "remove")
        if name in options
    }
    return replace(recipe, options=settings, finding={**recipe.finding, **strokes})


def _segmenter(options: argparse.Namespace, threads: int | None) -> Segmenter:
    from defocus.models.segmenter import Segmenter

    named: dict[str, Any] = {"--model": options.model, "--provider": options.providers}
    for option, value in named.items():
        if value is not None and options.matte is not None:
            raise OptionError(f"--matte replaces the network; remove --matte or {option}")
    model = [] if options.model is None else [options.model]
    return Segmenter(*model, threads=threads, providers=options.providers)
