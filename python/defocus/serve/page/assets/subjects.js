// Which of several subjects is meant: in the photograph, or by a row of buttons.

import { announce, byId, clamp, make } from "./dom.js";
import { highlightOf } from "./overlay.js";

export class Subjects {
  #state;
  #view;
  #overlay;
  #under = 0; // the component under the pointer

  constructor(state, view, overlay) {
    this.#state = state;
    this.#view = view;
    this.#overlay = overlay;
    state.on("current photos edit tool", () => this.#list());
  }

  /** Choose what is at a point of the stage; `more` adds it to, or takes it from, what is chosen. */
  tap(point, more) {
    const component = this.#at(point);
    if (component) this.#choose(component, more);
  }

  hover(point) {
    const component = point && this.#state.tool === "view" ? this.#at(point) : 0;
    if (component !== this.#under) this.#show(component);
  }

  #show(component) {
    const { labels } = this.#state.current ?? {};
    this.#under = component;
    this.#overlay.highlight = component && labels ? highlightOf(labels, component) : null;
    this.#view.stage.classList.toggle("picking", component > 0);
    this.#overlay.draw();
  }

  /** The component at a point, 0 for none, and where there is no choice. */
  #at(point) {
    const { labels, subject } = this.#state.current ?? {};
    if (!labels || this.#state.tool !== "view" || subject.components.length < 2) return 0;
    const [x, y] = this.#view.toImage(point);
    const [width, height] = this.#view.size;
    if (x < 0 || y < 0 || x >= width || y >= height) return 0;
    const column = clamp(Math.floor((x / width) * labels.width), 0, labels.width - 1);
    const row = clamp(Math.floor((y / height) * labels.height), 0, labels.height - 1);
    return labels.data[row * labels.width + column];
  }

  #choose(component, more) {
    const photo = this.#state.current;
    const every = photo.subject.components.map((_, i) => i + 1);
    let chosen = [component];
    if (more) {
      const before = photo.components ?? every;
      const without = before.filter((each) => each !== component);
      chosen = without.length < before.length ? without : [...before, component].sort((a, b) => a - b);
      if (chosen.length === 0) return;
    }
    photo.components = chosen.length === every.length ? null : chosen;
    announce(`Chosen: ${chosen.map((each) => `subject ${each}`).join(", ")}.`);
    this.#state.tell("edit");
  }

  #list() {
    const photo = this.#state.current;
    const parts = photo?.subject?.components ?? [];
    byId("chips-box").hidden = parts.length < 2 || photo.status !== "ready";
    const chips = byId("chips");
    const focused = [...chips.children].indexOf(document.activeElement);
    chips.replaceChildren(
      this.#chip("All", photo?.components === null, () => {
        photo.components = null;
        this.#state.tell("edit");
      }),
      ...parts.map((_, i) => this.#subjectChip(photo, i + 1)),
    );
    chips.children[focused]?.focus();
  }

  #subjectChip(photo, component) {
    const pressed = photo.components?.includes(component) ?? false;
    const chip = this.#chip(`Subject ${component}`, pressed, () =>
      this.#choose(component, photo.components !== null),
    );
    for (const type of ["pointerenter", "focus"]) {
      chip.addEventListener(type, () => this.#show(component));
    }
    for (const type of ["pointerleave", "blur"]) chip.addEventListener(type, () => this.#show(0));
    return chip;
  }

  #chip(text, pressed, action) {
    const chip = make("button", { type: "button", className: "chip", textContent: text });
    chip.setAttribute("aria-pressed", pressed);
    chip.addEventListener("click", action);
    return chip;
  }
}
