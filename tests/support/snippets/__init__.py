"""The snippets of README.md and docs/: found, and run page by page.

A comment before a block says what becomes of it:

    <!-- not run: needs docker -->    never run; the reason is one of `fences.REASONS`
    <!-- needs: ffmpeg -->            run where that program or Python module is installed
    <!-- prints -->                   a block of text: the output of the block before it
"""
