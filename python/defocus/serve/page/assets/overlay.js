// What is drawn over the photograph: a subject under the pointer, marks, the cursor.

import { byId } from "./dom.js";

const COLOURS = { keep: "rgb(64 200 110 / 0.5)", remove: "rgb(235 70 60 / 0.5)" };
const DOTS = { keep: "rgb(23 128 61)", remove: "rgb(196 38 29)" };
const DOT = 8; // radius on the screen
const HIGHLIGHT = [240, 168, 60, 120];

export class Overlay {
  #view;
  #canvas = byId("overlay");
  #context = this.#canvas.getContext("2d");
  #due = false;
  highlight = null; // a canvas of the size of the labels
  draft = null; // the mark that is being drawn, in pixels of the photograph
  marks = []; // of which points and the last box are shown
  applied = []; // painted strokes whose effect is not shown yet
  cursor = null; // {point, radius, mode, down} on the stage

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

  /** Without a draft, and without strokes. */
  clear() {
    this.draft = null;
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
    this.#drawMarks();
    if (this.cursor) this.#drawCursor(this.cursor);
  }

  #drawHighlight() {
    const [left, top] = this.#view.toStage([0, 0]);
    const [width, height] = this.#view.size.map((side) => side * this.#view.scale);
    this.#context.drawImage(this.highlight, left, top, width, height);
  }

  #drawMarks() {
    const { draft } = this;
    const drawn = this.marks.findLast(({ kind }) => kind === "box");
    if (draft?.kind === "box") this.#drawBox([...draft.from, ...draft.to]);
    else if (drawn) this.#drawBox(drawn.box);
    if (draft?.kind === "stroke") this.#drawStroke(draft);
    for (const mark of this.marks) if (mark.kind === "point") this.#drawPoint(mark);
  }

  #drawBox([left, top, right, bottom]) {
    const context = this.#context;
    const [x, y] = this.#view.toStage([left, top]);
    const [endX, endY] = this.#view.toStage([right, bottom]);
    context.lineWidth = 2;
    for (const [colour, dashes] of [
      ["rgb(0 0 0 / 0.75)", []],
      ["#fff", [7, 7]],
    ]) {
      context.strokeStyle = colour;
      context.setLineDash(dashes);
      context.strokeRect(x, y, endX - x, endY - y);
    }
    context.setLineDash([]);
  }

  #drawPoint({ mode, at }) {
    const context = this.#context;
    const point = this.#view.toStage(at);
    context.lineWidth = 2;
    context.strokeStyle = "#fff";
    context.fillStyle = DOTS[mode];
    context.beginPath();
    context.arc(...point, DOT, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
    this.#sign(point, mode);
    context.stroke();
  }

  /** A plus or a minus. */
  #sign([x, y], mode) {
    const context = this.#context;
    context.beginPath();
    context.moveTo(x - 5, y);
    context.lineTo(x + 5, y);
    if (mode === "remove") return;
    context.moveTo(x, y - 5);
    context.lineTo(x, y + 5);
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

  /** A cross for a box, else a plus or a minus in a circle. */
  #drawCursor({ point, radius, mode, down }) {
    const context = this.#context;
    const circle = () => {
      context.beginPath();
      context.arc(...point, radius, 0, 2 * Math.PI);
    };
    for (const [width, colour] of [
      [4, "rgb(0 0 0 / 0.7)"],
      [2, "#fff"],
    ]) {
      context.lineWidth = width;
      context.strokeStyle = colour;
      this.#sign(point, mode);
      context.stroke();
      if (!mode) continue;
      circle();
      context.stroke();
    }
    if (down && mode) {
      circle();
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
