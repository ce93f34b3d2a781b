"""A page with a few controls, made with Gradio.

    python examples/gradio_demo.py

`defocus serve` has a finished page.  This file is a start for a demo of your own.
"""

from __future__ import annotations

from typing import Literal

import gradio as gr
from PIL import Image

import defocus

segmenter = defocus.Segmenter()


def make(
    path: str | None, effect: str, aperture: float, bokeh: Literal["gaussian", "disc"]
) -> tuple[Image.Image, str]:
    """Make the result of the chosen effect, and a line about the subject."""
    if path is None:
        raise gr.Error("Choose a photograph first.")
    try:
        # One inference for both effects.  Try `subject.box` or `subject.matte` too.
        subject = defocus.find_subject(path, segmenter=segmenter)
        if effect == "cutout":
            picture = defocus.cutout(path, subject=subject)
        else:
            picture = defocus.portrait(path, subject=subject, aperture=aperture, bokeh=bokeh)
    except defocus.DefocusError as error:  # one line that says what to do
        raise gr.Error(str(error)) from error
    notes = [f"Confidence: {subject.confidence:.2f}", *subject.warnings]
    return picture, "\n".join(notes)


demo = gr.Interface(
    make,
    inputs=[
        # The path of the file, not its pixels: so orientation, colour profile and 16 bits count.
        gr.Image(type="filepath", label="Photograph"),
        gr.Radio(["portrait", "cutout"], value="portrait", label="Effect"),
        gr.Slider(0.8, 16, value=1.8, step=0.1, label="Aperture (f-number)"),
        gr.Radio(["gaussian", "disc"], value="gaussian", label="Bokeh"),
    ],
    outputs=[
        gr.Image(format="png", label="Result"),  # PNG keeps the transparency of a cutout
        gr.Textbox(label="Subject"),
    ],
    title="defocus",
    api_name="make",
    flagging_mode="never",
    concurrency_limit=2,  # calls that compute at a time
)

if __name__ == "__main__":
    segmenter.warmup()
    demo.launch()
