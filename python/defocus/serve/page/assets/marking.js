// Marking the subject by a box, points and strokes: the tools, the cursor, undo and redo.

import { announce, byId, chosen, clamp } from "./dom.js";
import { BY_KEYS, HINTS, TOOLS } from "./tools.js";

export class Marking {
  #state;
  #view;
  #overlay;
  #point = null; // of the cursor, on the stage
  #down = false; // a mark is being drawn by keys

  constructor(state, view, overlay) {
    this.#state = state;
    this.#view = view;
    this.#overlay = overlay;
    byId("mark").addEventListener("click", () => this.open());
    byId("mark-tool").addEventListener("click", () => (this.active ? this.close() : this.open()));
    byId("marks-done").addEventListener("click", () => this.close());
    byId("undo").addEventListener("click", () => this.undo());
    byId("redo").addEventListener("click", () => this.redo());
    byId("clear").addEventListener("click", () => this.#clear());
    byId("size").addEventListener("input", () => this.#show());
    byId("marks-panel").addEventListener("change", (event) => {
      if (event.target.name === "tool") this.cancel();
      this.#show();
    });
    document.addEventListener("keydown", (event) => this.#shortcut(event));
    state.on("current edit tool photos", () => this.#show());
  }

  get active() {
    return this.#state.tool === "mark" && this.#state.current?.status === "ready";
  }

  /** Whether dragging draws; else it moves the view, and a tap places a point. */
  get drags() {
    return this.active && this.tool !== "point";
  }

  get tool() {
    return chosen("tool");
  }

  get #radius() {
    return byId("size").valueAsNumber / 2;
  }

  /** Begin to mark: with a tool, or with the last one; where there is no subject, with the box. */
  open(tool = this.#state.current?.hasSubject ? this.tool : "box") {
    document.querySelector(`input[name=tool][value=${tool}]`).checked = true;
    this.#state.use("mark");
    this.#view.stage.focus({ focusVisible: false });
    announce(HINTS[tool]);
  }

  close() {
    this.cancel();
    this.#state.use("view");
    byId("mark").focus({ focusVisible: false });
  }

  hover(point) {
    this.#point = this.active ? point : null;
    this.#show();
  }

  start(point) {
    const { scale } = this.#view;
    const brush = { mode: chosen("mode"), radius: this.#radius / scale };
    this.#overlay.draft = TOOLS[this.tool].start(this.#view.toImage(point), brush);
    this.hover(point);
  }

  move(point) {
    const { draft } = this.#overlay;
    if (!draft) return; // the photograph was changed meanwhile
    TOOLS[this.tool].move(draft, this.#view.toImage(point));
    this.hover(point);
  }

  /** The mark is complete. A stroke stays drawn until its effect is shown. */
  end() {
    const { draft } = this.#overlay;
    if (!draft) return;
    this.#overlay.draft = null;
    const mark = TOOLS[this.tool].end(draft, this.#view);
    if (mark) this.#add(mark);
    else this.#overlay.draw();
  }

  /** A mark by a tap. */
  tap(point) {
    this.start(point);
    this.end();
  }

  cancel() {
    this.#down = false;
    this.#overlay.clear();
    this.#show();
  }

  /** Move the cursor by keys. */
  step([dx, dy], pixels) {
    const { clientWidth: width, clientHeight: height } = this.#view.stage;
    const [x, y] = this.#place();
    const point = [clamp(x + dx * pixels, 0, width), clamp(y + dy * pixels, 0, height)];
    if (this.#down) this.move(point);
    else this.hover(point);
  }

  /** Start or end a mark by keys; a point is both at once. */
  toggle() {
    const words = BY_KEYS[this.tool];
    if (this.tool === "point") this.tap(this.#place());
    else if (this.#down) this.end();
    else this.start(this.#place());
    this.#down = this.tool !== "point" && !this.#down;
    announce(words[this.#down ? 0 : 1]);
    this.#show();
  }

  undo() {
    this.#shift("marks", "undone", "Undone.");
  }

  redo() {
    this.#shift("undone", "marks", "Redone.");
  }

  #place() {
    const { clientWidth: width, clientHeight: height } = this.#view.stage;
    return this.#point ?? [width / 2, height / 2];
  }

  #add(mark) {
    if (mark.kind === "stroke") this.#overlay.applied.push(mark);
    const photo = this.#state.current;
    photo.marks = [...photo.marks, mark];
    photo.undone = [];
    this.#state.tell("edit");
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
    photo.undone = [...photo.undone, ...photo.marks.toReversed()];
    photo.marks = [];
    announce("All marks are removed.");
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
    } else if (!this.active) return;
    else if (key === "[" || key === "]") {
      byId("size").valueAsNumber += key === "]" ? 10 : -10;
      this.#show();
    } else if (key === "x") this.#swap();
    else if (key === "escape" && this.#overlay.draft) this.cancel();
    else if (key === "escape") this.close();
  }

  /** From keeping to removing, and back. */
  #swap() {
    const other = chosen("mode") === "keep" ? "remove" : "keep";
    document.querySelector(`input[name=mode][value=${other}]`).checked = true;
    announce(other === "keep" ? "Keep." : "Remove.");
    this.#show();
  }

  #show() {
    const photo = this.#state.current;
    const { active, tool } = this;
    byId("mark-tool").disabled = photo?.status !== "ready";
    byId("mark-tool").setAttribute("aria-pressed", active);
    byId("undo").disabled = !photo?.marks.length;
    byId("clear").disabled = !photo?.marks.length;
    byId("redo").disabled = !photo?.undone.length;
    byId("mode-row").hidden = tool === "box";
    byId("size-row").hidden = tool !== "brush";
    byId("tool-hint").textContent = HINTS[tool];
    byId("size-value").textContent = byId("size").value;
    byId("size").setAttribute("aria-valuetext", `${byId("size").value} pixels of the screen`);
    const mode = tool === "box" ? null : chosen("mode");
    const radius = { box: 0, point: 9, brush: this.#radius }[tool];
    const cursor = { point: this.#point, radius, mode, down: this.#down };
    this.#overlay.cursor = active && this.#point ? cursor : null;
    this.#overlay.marks = active ? photo.marks : [];
    this.#overlay.draw();
  }
}
