"""Errors as programs see them: types, codes and built-in bases, which stay as they are."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

import defocus
from defocus import errors
from defocus.ray import extra

# A code that is published once is not changed.
CODES = {
    "DecodeError": "decode",
    "DefocusError": "defocus",
    "DownloadError": "download",
    "EncodeError": "encode",
    "ImageTooLargeError": "image_too_large",
    "ImageTypeError": "image_type",
    "ImageValueError": "image_value",
    "InputNotFoundError": "input_not_found",
    "LicenceError": "licence",
    "MissingExtraError": "missing_extra",
    "MissingLibraryError": "missing_library",
    "ModelError": "model",
    "ModelMissingError": "model_missing",
    "NoSubjectError": "no_subject",
    "OptionError": "option",
    "OptionTypeError": "option_type",
    "OutputError": "output",
    "ProviderError": "provider",
    "UnknownFormatError": "unknown_format",
    "UnknownModelError": "unknown_model",
    "UnsupportedFormatError": "unsupported_format",
}


def types() -> list[type[defocus.DefocusError]]:
    public = [getattr(errors, name) for name in errors.__all__]
    return [kind for kind in public if isinstance(kind, type) and hasattr(kind, "code")]


def test_every_error_has_its_own_code() -> None:
    assert {kind.__name__: kind.code for kind in types()} == CODES
    assert len({*CODES.values()}) == len(CODES)
    assert all("code" in vars(kind) for kind in types()), "a code is inherited"
    assert {name for name in defocus.__all__ if name.endswith("Error")} == {*CODES}


def test_the_codes_are_documented() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "reference" / "errors.md"
    table = dict(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", page.read_text("utf-8"), re.MULTILINE))
    assert table == {name: code for name, code in CODES.items() if name != "DefocusError"}


def test_names_that_are_unknown_are_errors_of_options() -> None:
    for kind in (errors.UnknownModelError, errors.ProviderError):
        assert issubclass(kind, errors.OptionError)
        assert issubclass(kind, ValueError)


def test_a_missing_extra_is_one_type(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ray", "pyarrow", "pyarrow.fs"):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(errors.MissingExtraError) as caught:
            extra.load(name)
        assert caught.value.code == "missing_extra"
        assert "defocus[ray]" in str(caught.value)
    with pytest.raises(errors.MissingExtraError):
        defocus.ray.store({}, root="out")
