"""What is mutated, and which tests judge it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Scope:
    """Files and folders of python/defocus, and the tests that judge them."""

    sources: tuple[str, ...]
    tests: tuple[str, ...]

    def files(self, root: Path) -> Iterator[Path]:
        """The files of the scope."""
        for source in self.sources:
            path = root / source
            yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


SCOPES = {
    "options": Scope(("options",), ("tests/options", "tests/pipeline/test_options.py")),
    "pipeline": Scope(
        ("pipeline",),
        (
            "tests/pipeline/test_stages.py",
            "tests/pipeline/test_marks.py",
            "tests/pipeline/test_signatures.py",
            "tests/pipeline/test_options.py",
            "tests/render/test_cutout_post.py",
            "tests/render/test_shaping.py",
            "tests/render/test_ground.py::test_transparent_photographs",
            "tests/render/test_ground.py::test_with_other_options",
            "tests/render/test_layers.py",
            "tests/io/colour/test_colour_tags.py::test_linear_samples_are_mixed_as_they_are",
            "tests/io/colour/test_colour_tags.py::test_backgrounds_are_srgb",
            "tests/io/colour/test_colour_tags.py::test_shadows_have_srgb_colours",
        ),
    ),
    "render": Scope(
        (
            "render/composite.py",
            "render/cutout_post.py",
            "render/edges.py",
            "render/placement.py",
            "render/shadow.py",
            "io/canvas",
        ),
        (
            "tests/render/test_composite.py",
            "tests/render/test_cutout_post.py",
            "tests/render/test_shaping.py",
            "tests/io/colour/test_colour_tags.py::test_linear_samples_are_mixed_as_they_are",
            "tests/io/colour/test_colour_tags.py::test_backgrounds_are_srgb",
            "tests/io/colour/test_colour_tags.py::test_shadows_have_srgb_colours",
        ),
    ),
    "metadata": Scope(
        ("io/metadata", "io/orient.py"),
        (
            "tests/io/metadata/test_values.py",
            "tests/io/metadata/test_exif.py",
            "tests/io/metadata/test_exif_block.py",
            "tests/io/metadata/test_xmp.py",
            "tests/io/metadata/test_iptc.py",
            "tests/io/metadata/test_embedded_images.py",
            "tests/io/metadata/test_maker_notes.py",
            "tests/io/metadata/test_note_structure.py",
            "tests/io/metadata/test_metadata.py",
            "tests/io/metadata/test_tiff_tags.py",
            "tests/io/test_limits.py",
        ),
    ),
}
