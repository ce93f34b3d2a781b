"""Load the extension from the file that DEFOCUS_TEST_MODULE names, in this Python and its children.

Python imports a module of this name at its start.  `tools.kernel_tests` puts this folder on the
path of the tests.
"""

import importlib.util
import os
import sys
from importlib.machinery import ModuleSpec


class Finder:
    """Find `defocus._native` at another place than the installed one."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name != "defocus._native":
            return None
        return importlib.util.spec_from_file_location(name, os.environ["DEFOCUS_TEST_MODULE"])


sys.meta_path.insert(0, Finder)
