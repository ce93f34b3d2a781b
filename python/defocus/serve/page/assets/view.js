// Zoom and pan: one transformation, which before, after, tint and overlay share.

import { byId, clamp } from "./dom.js";

const LARGEST = 8; // screen pixels for a pixel of the preview
const STEP = 1.25;

export class View extends EventTarget {
  stage = byId("stage");
  #size = [1, 1]; // of what is shown, in pixels
  #x = 0;
  #y = 0;
  #scale = 1;
  #fitted = true;

  constructor() {
    super();
    new ResizeObserver(() => (this.#fitted ? this.fit() : this.#apply())).observe(this.stage);
    byId("zoom-in").addEventListener("click", () => this.zoom(STEP));
    byId("zoom-out").addEventListener("click", () => this.zoom(1 / STEP));
    byId("zoom-fit").addEventListener("click", () => this.fit());
    byId("zoom-full").addEventListener("click", () => this.full());
    this.stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  get scale() {
    return this.#scale;
  }

  get size() {
    return this.#size;
  }

  /** Show something of another size; the view stays if it is of the same shape. */
  setSize(width, height, { keep = false } = {}) {
    const same = width === this.#size[0] && height === this.#size[1];
    this.#size = [width, height];
    if (same || keep) this.#apply();
    else this.fit();
  }

  fit() {
    this.#fitted = true;
    const { width, height } = this.#room();
    const [w, h] = this.#size;
    this.#scale = Math.min((width - 24) / w, (height - 24) / h, LARGEST) || 1;
    this.#x = (width - w * this.#scale) / 2;
    this.#y = (height - h * this.#scale) / 2;
    this.#apply();
  }

  /** One pixel of the preview is one pixel of the screen. */
  full() {
    this.zoom(1 / devicePixelRatio / this.#scale);
  }

  /** Zoom by a factor about a point of the stage, by default its middle. */
  zoom(factor, at = null) {
    const { width, height } = this.#room();
    const [px, py] = at ?? [width / 2, height / 2];
    const least = Math.min(width / this.#size[0], height / this.#size[1], 1) / 2;
    const scale = clamp(this.#scale * factor, least, LARGEST);
    this.#x = px - ((px - this.#x) * scale) / this.#scale;
    this.#y = py - ((py - this.#y) * scale) / this.#scale;
    this.#scale = scale;
    this.#fitted = false;
    this.#apply();
  }

  pan(dx, dy) {
    this.#x += dx;
    this.#y += dy;
    this.#fitted = false;
    this.#apply();
  }

  /** From the window's coordinates to those of the stage. */
  onStage({ clientX, clientY }) {
    const { left, top } = this.stage.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }

  /** From the stage's coordinates to pixels of the photograph. */
  toImage([x, y]) {
    return [(x - this.#x) / this.#scale, (y - this.#y) / this.#scale];
  }

  /** From pixels of the photograph to the stage's coordinates. */
  toStage([x, y]) {
    return [x * this.#scale + this.#x, y * this.#scale + this.#y];
  }

  #room() {
    return { width: this.stage.clientWidth, height: this.stage.clientHeight };
  }

  #wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    const speed = event.ctrlKey ? 0.01 : 0.002; // a pinch on a touch pad comes with ctrlKey
    this.zoom(Math.exp(-event.deltaY * lines * speed), this.onStage(event));
  }

  #apply() {
    this.#hold();
    const { style } = this.stage;
    style.setProperty("--x", `${this.#x}px`);
    style.setProperty("--y", `${this.#y}px`);
    style.setProperty("--scale", this.#scale);
    style.setProperty("--w", `${this.#size[0]}px`);
    style.setProperty("--h", `${this.#size[1]}px`);
    this.stage.classList.toggle("pixels", this.#scale * devicePixelRatio > 3);
    byId("zoom").textContent = `${Math.round(this.#scale * devicePixelRatio * 100)} %`;
    this.dispatchEvent(new Event("change"));
  }

  /** A part of the photograph always stays in sight. */
  #hold() {
    const { width, height } = this.#room();
    const [w, h] = this.#size.map((side) => side * this.#scale);
    this.#x = clamp(this.#x, Math.min(width / 2 - w, 0), Math.max(width / 2, width - w));
    this.#y = clamp(this.#y, Math.min(height / 2 - h, 0), Math.max(height / 2, height - h));
  }
}
