"""The HTTP service and its page: limits, admission, endpoints.  Needs the extra `serve`."""

from defocus.serve.app import create_app
from defocus.serve.settings import Settings

__all__ = ["Settings", "create_app"]
