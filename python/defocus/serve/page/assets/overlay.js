// What is drawn over the photograph: a subject under the pointer, the brush, the stroke.

import { byId } from "./dom.js";

const COLOURS = { keep: "rgb(64 200 110 / 0.5)", remove: "rgb(235 70 60 / 0.5)" };
const HIGHLIGHT = [240, 168, 60, 120];

export class Overlay {
  #view;
  #canvas = byId("overlay");
  #context = this.#canvas.getContext("2d");
  #due = false;
  highlight = null; // a canvas of the size of the labels
  stroke = null; // being painted, in pixels of the photograph
  applied = []; // painted strokes whose effect is not shown yet
  cursor = null; // {point, radius, mode} on the stage

  constructor(view) {
    this.#view = view;
    view.addEventListener("change", () => this.draw());
  }

  /** Draw with the next frame. */
  draw() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#paint();
    });
  }

  /** Without any stroke. */
  clear() {
    this.stroke = null;
    this.applied = [];
    this.draw();
  }

  #paint() {
    const { stage } = this.#view;
    const ratio = devicePixelRatio;
    this.#canvas.width = Math.round(stage.clientWidth * ratio);
    this.#canvas.height = Math.round(stage.clientHeight * ratio);
    this.#context.scale(ratio, ratio);
    if (this.highlight) this.#drawHighlight();
    for (const stroke of this.applied) this.#drawStroke(stroke);
    if (this.stroke) this.#drawStroke(this.stroke);
    if (this.cursor) this.#drawCursor(this.cursor);
  }

  #drawHighlight() {
    const [left, top] = this.#view.toStage([0, 0]);
    const [width, height] = this.#view.size.map((side) => side * this.#view.scale);
    this.#context.drawImage(this.highlight, left, top, width, height);
  }

  #drawStroke({ mode, radius, points }) {
    const context = this.#context;
    context.strokeStyle = COLOURS[mode];
    context.lineWidth = 2 * radius * this.#view.scale;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    const [first, ...rest] = points.map((point) => this.#view.toStage(point));
    context.moveTo(...first);
    for (const point of rest.length ? rest : [[first[0] + 0.01, first[1]]]) context.lineTo(...point);
    context.stroke();
  }

  #drawCursor({ point, radius, mode, down }) {
    const context = this.#context;
    for (const [width, colour] of [
      [4, "rgb(0 0 0 / 0.7)"],
      [2, "#fff"],
    ]) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.beginPath();
      context.arc(...point, radius, 0, 2 * Math.PI);
      context.moveTo(point[0] - 5, point[1]);
      context.lineTo(point[0] + 5, point[1]);
      if (mode === "keep") {
        context.moveTo(point[0], point[1] - 5);
        context.lineTo(point[0], point[1] + 5);
      }
      context.stroke();
    }
    if (down) {
      context.fillStyle = COLOURS[mode];
      context.fill();
    }
  }
}

/** A canvas that shows the pixels of one component. */
export function highlightOf({ width, height, data }, component) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(width, height);
  for (let i = 0; i < data.length; i++) {
    if (data[i] === component) pixels.data.set(HIGHLIGHT, 4 * i);
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}
