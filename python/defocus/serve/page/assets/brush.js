// The brush: strokes to keep or remove, their size and softness, undo and redo.

import { announce, byId, chosen, clamp } from "./dom.js";

const MOST_POINTS = 5000; // in one stroke

export class Brush {
  #state;
  #view;
  #overlay;
  #point = null; // of the cursor, on the stage
  #down = false; // painting by keys

  constructor(state, view, overlay) {
    this.#state = state;
    this.#view = view;
    this.#overlay = overlay;
    byId("brush").addEventListener("click", () => this.open());
    byId("brush-tool").addEventListener("click", () => (this.active ? this.close() : this.open()));
    byId("brush-done").addEventListener("click", () => this.close());
    byId("undo").addEventListener("click", () => this.undo());
    byId("redo").addEventListener("click", () => this.redo());
    byId("clear").addEventListener("click", () => this.#clear());
    for (const id of ["size", "softness"]) byId(id).addEventListener("input", () => this.#show());
    byId("brush-panel").addEventListener("change", () => this.#show());
    document.addEventListener("keydown", (event) => this.#shortcut(event));
    state.on("current edit tool photos", () => this.#show());
  }

  get active() {
    return this.#state.tool === "brush" && this.#state.current?.status === "ready";
  }

  get #radius() {
    return byId("size").valueAsNumber / 2;
  }

  /** Begin to paint; where no subject was found, that is to keep. */
  open() {
    this.#state.use("brush");
    this.#view.stage.focus({ focusVisible: false });
    announce("Brush. Paint on what to keep or remove.");
  }

  close() {
    this.cancel();
    this.#state.use("view");
    byId("brush").focus({ focusVisible: false });
  }

  hover(point) {
    this.#point = this.active ? point : null;
    this.#show();
  }

  start(point) {
    this.#overlay.stroke = {
      mode: chosen("mode"),
      radius: this.#radius / this.#view.scale,
      softness: byId("softness").valueAsNumber / 100,
      points: [this.#rounded(point)],
    };
    this.hover(point);
  }

  move(point) {
    if (!this.#overlay.stroke) return; // the photograph was changed meanwhile
    const { points, radius } = this.#overlay.stroke;
    const next = this.#rounded(point);
    const last = points.at(-1);
    const far = Math.hypot(next[0] - last[0], next[1] - last[1]) >= Math.max(radius / 8, 0.5);
    if (far && points.length < MOST_POINTS) points.push(next);
    this.hover(point);
  }

  /** The stroke is complete. It stays drawn until its effect is shown. */
  end() {
    const { stroke } = this.#overlay;
    if (!stroke) return;
    this.#overlay.stroke = null;
    this.#overlay.applied.push(stroke);
    const photo = this.#state.current;
    photo.strokes = [...photo.strokes, stroke];
    photo.undone = [];
    this.#state.tell("edit");
  }

  cancel() {
    this.#down = false;
    this.#overlay.clear();
    this.#show();
  }

  /** Move the cursor by keys. */
  step([dx, dy], pixels) {
    const { clientWidth: width, clientHeight: height } = this.#view.stage;
    const [x, y] = this.#point ?? [width / 2, height / 2];
    const point = [clamp(x + dx * pixels, 0, width), clamp(y + dy * pixels, 0, height)];
    if (this.#down) this.move(point);
    else this.hover(point);
  }

  /** Put the brush down or lift it, by keys. */
  toggle() {
    this.#down = !this.#down;
    if (this.#down) {
      const { clientWidth: width, clientHeight: height } = this.#view.stage;
      this.start(this.#point ?? [width / 2, height / 2]);
      announce("Brush down. Move it with the arrow keys, lift it with the space bar.");
    } else {
      this.end();
      announce("Brush up.");
    }
    this.#show();
  }

  undo() {
    this.#shift("strokes", "undone", "Undone.");
  }

  redo() {
    this.#shift("undone", "strokes", "Redone.");
  }

  #shift(from, to, words) {
    const photo = this.#state.current;
    if (!photo || photo[from].length === 0) return;
    this.cancel();
    photo[to] = [...photo[to], photo[from].at(-1)];
    photo[from] = photo[from].slice(0, -1);
    announce(words);
    this.#state.tell("edit");
  }

  #clear() {
    const photo = this.#state.current;
    photo.undone = [...photo.undone, ...photo.strokes.toReversed()];
    photo.strokes = [];
    announce("All strokes are removed.");
    this.#state.tell("edit");
  }

  #shortcut(event) {
    const key = event.key.toLowerCase();
    const typing = event.target.matches?.("input[type=number], input[type=password]");
    if (typing || !this.#state.current) return;
    if (event.ctrlKey || event.metaKey) {
      if (key === "z" && !event.shiftKey) this.undo();
      else if (key === "y" || key === "z") this.redo();
      else return;
      event.preventDefault();
    } else if (this.active && (key === "[" || key === "]")) {
      byId("size").valueAsNumber += key === "]" ? 10 : -10;
      this.#show();
    } else if (key === "escape" && this.active) this.close();
  }

  #rounded(point) {
    return this.#view.toImage(point).map((value) => Math.round(value * 10) / 10);
  }

  #show() {
    const photo = this.#state.current;
    byId("brush-tool").disabled = photo?.status !== "ready";
    byId("brush-tool").setAttribute("aria-pressed", this.active);
    byId("undo").disabled = !photo?.strokes.length;
    byId("clear").disabled = !photo?.strokes.length;
    byId("redo").disabled = !photo?.undone.length;
    byId("size-value").textContent = byId("size").value;
    byId("softness-value").textContent = `${byId("softness").value} %`;
    byId("size").setAttribute("aria-valuetext", `${byId("size").value} pixels of the screen`);
    const cursor = { point: this.#point, radius: this.#radius, mode: chosen("mode"), down: this.#down };
    this.#overlay.cursor = this.active && this.#point ? cursor : null;
    this.#overlay.draw();
  }
}
