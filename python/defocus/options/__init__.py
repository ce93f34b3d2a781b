"""What a caller may ask for: the type and range of every option, checked here and nowhere else."""

from defocus.options.canvas import Align, CanvasSource
from defocus.options.commands import (
    FINDING,
    KEYWORDS,
    Command,
    Existing,
    NoSubject,
    SameName,
    check_alternatives,
    check_existing,
    check_keywords,
    check_no_subject,
    check_options,
    check_recipe,
    grouped,
    groups_of,
)
from defocus.options.finish import GEOMETRY, Finish
from defocus.options.lengths import Length, Sides
from defocus.options.lens import Lens
from defocus.options.look import Bokeh, Ground, Light, Look
from defocus.options.prompts import Box, Points, Prompts
from defocus.options.selection import Effort, Select, Selection, check_effort
from defocus.options.shadow import Shadow, ShadowSource
from defocus.options.storage import Compression, Storage, Strip, Subsampling

__all__ = [
    "FINDING",
    "GEOMETRY",
    "KEYWORDS",
    "Align",
    "Bokeh",
    "Box",
    "CanvasSource",
    "Command",
    "Compression",
    "Effort",
    "Existing",
    "Finish",
    "Ground",
    "Length",
    "Lens",
    "Light",
    "Look",
    "NoSubject",
    "Points",
    "Prompts",
    "SameName",
    "Select",
    "Selection",
    "Shadow",
    "ShadowSource",
    "Sides",
    "Storage",
    "Strip",
    "Subsampling",
    "check_alternatives",
    "check_effort",
    "check_existing",
    "check_keywords",
    "check_no_subject",
    "check_options",
    "check_recipe",
    "grouped",
    "groups_of",
]
