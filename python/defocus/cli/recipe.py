"""What the flags ask for, as a `Recipe`: checked before any picture is read."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from defocus.cli import output_flags, subject_flags
from defocus.cli.lens_flags import LENS, LOOK
from defocus.errors import OptionError

if TYPE_CHECKING:
    from defocus.batch.job import Recipe
    from defocus.pipeline.pipeline import Segmenter

__all__ = ["checked", "with_files"]


def checked(options: argparse.Namespace, *, threads: int | None) -> Recipe:
    """The recipe without what has to be read from files; `threads` are one picture's.

    Raises OptionError, OptionTypeError and what `Segmenter` raises.
    """
    from defocus.batch.job import Recipe
    from defocus.io.save_options import Storage
    from defocus.options import Finish, Lens, Look, Selection, check_effort

    lens, look = (
        {name: options.__dict__[name] for name in names if name in options}
        for names in (LENS, LOOK)
    )
    Lens(**lens)
    Look(**look)
    chosen, ending = subject_flags.select_options(options), subject_flags.finish_options(options)
    Selection(chosen.get("select", "all"))
    ending.pop("background", None)
    Finish(**ending)
    effort = check_effort(options.effort)
    storage = output_flags.settings(options)
    Storage(**storage)
    settings: dict[str, Any] = {**lens, **look, **ending}
    if options.command != "mask":
        settings["effort"] = effort
    return Recipe(
        command=options.command,
        options=settings,
        finding={**chosen, "effort": effort},
        saving={**storage, "threads": threads},
        every_frame=output_flags.every_frame(options),
        segmenter=_segmenter(options, threads),
        max_pixels=options.max_pixels,
    )


def with_files(recipe: Recipe, options: argparse.Namespace) -> Recipe:
    """The recipe, with depth map, background and matte read."""
    from defocus.io import maps
    from defocus.io.background import Background

    settings, limit = dict(recipe.options), {"max_pixels": recipe.max_pixels}
    if "depth" in options:
        settings["depth"] = maps.read_depth(options.depth, **limit)
    if "background" in options:
        settings["background"] = Background(options.background, **limit)
    if options.matte is not None:
        settings["matte"] = maps.read_matte(options.matte, **limit)
    return replace(recipe, options=settings)


def _segmenter(options: argparse.Namespace, threads: int | None) -> Segmenter:
    from defocus.pipeline.pipeline import Segmenter

    named: dict[str, Any] = {"--model": options.model, "--provider": options.providers}
    for option, value in named.items():
        if value is not None and options.matte is not None:
            raise OptionError(f"--matte replaces the network; drop --matte or {option}")
    model = [] if options.model is None else [options.model]
    return Segmenter(*model, threads=threads, providers=options.providers)
