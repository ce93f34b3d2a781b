// The settings: what the controls mean for the look, and which of them are there.

import { byId, chosen, make } from "./dom.js";
import { inWords, warningInWords } from "./problems.js";

const COLOURS = { White: "#ffffff", Black: "#000000", Grey: "#808080", Green: "#2e9e5b", Blue: "#3b6fd6", Red: "#c9413a" };

export class Panel {
  #state;
  #uploads;

  constructor(state, uploads) {
    this.#state = state;
    this.#uploads = uploads;
    const panel = byId("panel");
    panel.addEventListener("submit", (event) => event.preventDefault());
    for (const name of ["kind", "bokeh", "background"]) this.#radio(name);
    this.#range("highlights");
    this.#range("grain");
    this.#range("margin", 100);
    this.#on("blades", "change", (input) => ({ blades: Number(input.value) || null }));
    this.#on("ground", "change", (input) => ({ ground: input.checked }));
    this.#on("crop", "change", (input) => ({ crop: input.checked }));
    this.#on("colour", "input", (input) => ({ colour: input.value }));
    this.#swatches();
    this.#picture();
    state.on("current photos edit tool", () => this.#show());
    state.on("tool", () => byId("scroll").scrollTo(0, 0));
    this.#show();
  }

  #set(changes) {
    Object.assign(this.#state.look, changes);
    this.#state.tell("edit");
  }

  #on(id, type, read) {
    byId(id).addEventListener(type, () => this.#set(read(byId(id))));
  }

  #range(id, scale = 1) {
    this.#on(id, "input", (input) => ({ [id]: input.valueAsNumber / scale }));
  }

  #radio(name) {
    for (const input of document.querySelectorAll(`input[name="${name}"]`)) {
      input.addEventListener("change", () => this.#set({ [name]: chosen(name) }));
    }
  }

  #swatches() {
    for (const [name, colour] of Object.entries(COLOURS)) {
      const swatch = make("button", { type: "button", className: "swatch", title: name });
      swatch.setAttribute("aria-label", name);
      swatch.style.backgroundColor = colour;
      swatch.addEventListener("click", () => {
        byId("colour").value = colour;
        this.#set({ colour });
      });
      byId("swatches").append(swatch);
    }
  }

  #picture() {
    byId("choose-picture").addEventListener("click", () => byId("picture").click());
    byId("picture").addEventListener("change", async (event) => {
      const [file] = event.target.files;
      event.target.value = "";
      if (file) await this.#usePicture(file);
    });
  }

  async #usePicture(file) {
    const line = byId("picture-name");
    line.textContent = `Uploading ${file.name} …`;
    try {
      const picture = await this.#uploads.picture(file);
      line.textContent = file.name;
      this.#set({ picture });
    } catch (problem) {
      line.textContent = inWords(problem);
    }
  }

  #show() {
    const { look, tool, current } = this.#state;
    const marking = tool === "mark";
    for (const kind of ["portrait", "cutout", "mask"]) {
      byId(`${kind}-panel`).hidden = marking || look.kind !== kind;
    }
    for (const id of ["marks-panel", "done"]) byId(id).hidden = !marking;
    for (const id of ["kinds", "save"]) byId(id).hidden = marking;
    byId("subject-panel").hidden = marking || current?.status !== "ready";
    byId("disc-options").hidden = look.bokeh !== "disc";
    byId("colour-options").hidden = look.background !== "colour";
    byId("picture-options").hidden = look.background !== "picture";
    byId("margin-row").hidden = !look.crop;
    byId("highlights-value").textContent = `${look.highlights} ×`;
    byId("grain-value").textContent = look.grain ? `${look.grain} ×` : "none";
    byId("margin-value").textContent = `${Math.round(100 * look.margin)} %`;
    this.#warnings(current);
  }

  #warnings(photo) {
    const sentences = photo?.status === "ready" ? photo.subject.warnings.map(warningInWords) : [];
    const list = byId("warnings");
    if ([...list.children].map((item) => item.textContent).join() === sentences.join()) return;
    list.replaceChildren(...sentences.map((textContent) => make("li", { textContent })));
  }
}
