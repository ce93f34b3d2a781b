// What pointers and keys on the stage mean: pan, pinch, choose, mark.

const SLACK = 5; // pixels that a click may move

/** `tools` has tap(point, event), hover(point), and `marking`, which draws while `drags`. */
export class Gestures {
  #view;
  #tools;
  #pointers = new Map();
  #moved = 0;
  #drawing = false;

  constructor(view, tools) {
    this.#view = view;
    this.#tools = tools;
    const { stage } = view;
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("pointermove", (event) => this.#move(event));
    stage.addEventListener("pointerup", (event) => this.#up(event));
    stage.addEventListener("pointercancel", (event) => this.#drop(event));
    stage.addEventListener("pointerleave", () => tools.hover(null));
    stage.addEventListener("keydown", (event) => this.#key(event));
  }

  #down(event) {
    this.#view.stage.setPointerCapture(event.pointerId);
    const point = this.#view.onStage(event);
    this.#pointers.set(event.pointerId, point);
    if (this.#pointers.size === 1) {
      this.#moved = 0;
      this.#drawing = this.#tools.marking.drags && event.button === 0;
      if (this.#drawing) this.#tools.marking.start(point);
    } else if (this.#drawing) {
      this.#drawing = false;
      this.#tools.marking.cancel();
    }
  }

  #move(event) {
    const point = this.#view.onStage(event);
    const before = this.#pointers.get(event.pointerId);
    if (!before) {
      this.#tools.hover(point);
      return;
    }
    if (this.#drawing) {
      const events = event.getCoalescedEvents?.() ?? [];
      for (const each of events.length ? events : [event]) {
        this.#tools.marking.move(this.#view.onStage(each));
      }
      return;
    }
    this.#moved += Math.hypot(point[0] - before[0], point[1] - before[1]);
    if (this.#pointers.size === 2) this.#pinch(event.pointerId, before, point);
    else if (this.#moved > SLACK) {
      this.#view.stage.classList.add("panning");
      this.#view.pan(point[0] - before[0], point[1] - before[1]);
    }
    this.#pointers.set(event.pointerId, point);
  }

  #pinch(id, before, after) {
    const [other] = [...this.#pointers].filter(([key]) => key !== id).map(([, point]) => point);
    const distance = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]) || 1;
    this.#view.pan((after[0] - before[0]) / 2, (after[1] - before[1]) / 2);
    const middle = [(after[0] + other[0]) / 2, (after[1] + other[1]) / 2];
    this.#view.zoom(distance(after) / distance(before), middle);
  }

  #up(event) {
    const alone = this.#pointers.size === 1;
    if (this.#drawing) this.#tools.marking.end();
    else if (alone && this.#moved <= SLACK && event.button === 0) {
      this.#tools.tap(this.#view.onStage(event), event);
    }
    this.#drop(event);
  }

  #drop(event) {
    this.#pointers.delete(event.pointerId);
    if (event.type === "pointercancel" && this.#drawing) this.#tools.marking.cancel();
    this.#drawing = false;
    this.#view.stage.classList.remove("panning");
    if (event.pointerType !== "mouse") this.#tools.hover(null);
    if (this.#pointers.size > 0) this.#moved = SLACK + 1; // the second finger of a pinch
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 100 : 25;
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const { marking } = this.#tools;
    const direction = arrows[event.key];
    if (direction && marking.active) marking.step(direction, event.shiftKey ? 40 : 8);
    else if (direction) this.#view.pan(-direction[0] * step, -direction[1] * step);
    else if (event.key === " " && marking.active) marking.toggle();
    else if (event.key === "+" || event.key === "=") this.#view.zoom(1.25);
    else if (event.key === "-") this.#view.zoom(0.8);
    else if (event.key === "0") this.#view.fit();
    else if (event.key === "1") this.#view.full();
    else return;
    event.preventDefault();
  }
}
