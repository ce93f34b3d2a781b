"""Which browser shows the page, and how large."""

from pathlib import Path

CHROMIUM = Path("/usr/bin/chromium")
NARROW, WIDE = (390, 844), (1280, 800)
