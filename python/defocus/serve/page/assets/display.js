// What the stage shows of the current photograph, and what it asks the server for.

import { announce, byId } from "./dom.js";
import { notice } from "./notice.js";
import { inWords } from "./problems.js";
import { Results } from "./results.js";
import { isTransparent } from "./state.js";

const LONG_EDGE = 1600; // of what is shown before there is a preview
// What covers the background while marking: stripes, which show on any colour (blue, green, red).
const STRIPE = 16; // pixels from one to the next
const DARK = 0x26140e;
const LIGHT = 0xb08c78;
const PATIENCE = 400; // milliseconds before a result counts as slow

export class Display {
  #state;
  #view;
  #overlay;
  #marking;
  #uploads;
  #results;
  #masks;
  #slow = null;
  #seen = null; // photograph and status that were shown last

  constructor({ state, view, overlay, marking, uploads }) {
    this.#state = state;
    this.#view = view;
    this.#overlay = overlay;
    this.#marking = marking;
    this.#uploads = uploads;
    this.#results = new Results(uploads);
    this.#masks = new Results(uploads);
    state.on("current edit tool", () => this.#show());
    state.on("photos", () => this.#progress());
    byId("show-result").addEventListener("change", () => this.#show());
    byId("before-image").addEventListener("load", () => this.#sizeOfLocal());
    for (const type of ["load", "error"]) {
      byId("before-image").addEventListener(type, () => this.#seeable(type === "load"));
    }
  }

  get #isMarking() {
    return this.#state.tool === "mark";
  }

  #progress() {
    const photo = this.#state.current;
    if (!photo) return;
    this.#busy(photo);
    if (this.#seen !== `${photo.key} ${photo.status}`) this.#show();
  }

  #show() {
    const photo = this.#state.current;
    document.body.dataset.screen = photo ? "work" : "first";
    byId("first").hidden = Boolean(photo);
    byId("work").hidden = !photo;
    if (!photo) return;
    if (this.#seen?.split(" ")[0] !== String(photo.key)) this.#changePhoto(photo);
    this.#seen = `${photo.key} ${photo.status}`;
    this.#before(photo);
    this.#busy(photo);
    this.#view.stage.classList.toggle("marking", this.#marking.active);
    if (photo.status === "ready" && photo.hasSubject) this.#ask(photo);
    else this.#without(photo);
  }

  #changePhoto() {
    this.#overlay.clear();
    this.#overlay.highlight = null;
    byId("after-image").removeAttribute("src");
    byId("tint").hidden = true;
  }

  #before(photo) {
    const image = byId("before-image");
    const url = photo.preview?.url ?? photo.local;
    if (image.getAttribute("src") !== url) image.src = url;
    image.alt = `${photo.name}, as it was`;
    const [width, height] = photo.size ?? [];
    byId("size-note").textContent = width ? `${photo.name} · ${width} × ${height}` : photo.name;
    if (photo.preview?.url) this.#view.setSize(photo.preview.width, photo.preview.height);
  }

  /** Before the server has answered, the file is shown, in the size that its preview will have. */
  #sizeOfLocal() {
    const { naturalWidth: width, naturalHeight: height } = byId("before-image");
    if (this.#state.current?.preview?.url || !width) return;
    const share = Math.min(1, LONG_EDGE / Math.max(width, height));
    this.#view.setSize(Math.round(width * share), Math.round(height * share));
  }

  /** Some files only the server can read: their preview can be shown, they cannot. */
  #seeable(yes) {
    byId("before-image").classList.toggle("broken", !yes);
    byId("unseen").hidden = yes;
  }

  /** Nothing can be computed (yet): the photograph alone, and why. */
  #without(photo) {
    this.#results.cancel();
    this.#masks.cancel();
    this.#rest();
    this.#busy(photo);
    this.#layout("original");
    this.#overlay.clear();
    byId("tint").hidden = true;
    byId("after-image").removeAttribute("src");
    if (photo.status === "failed") {
      notice(`${photo.name}: ${inWords(photo.error)}`, "Try again", () => this.#uploads.enqueue(photo));
    } else if (photo.status === "ready" && !this.#isMarking) {
      notice("No subject was found. Draw a box around what you want to keep.", "Draw a box", () =>
        this.#marking.open("box"),
      );
    } else notice("");
  }

  #ask(photo) {
    const { look } = this.#state;
    const result = !this.#isMarking || byId("show-result").checked;
    if (result) this.#askResult(photo, this.#isMarking ? { ...look, crop: false } : look);
    else this.#results.cancel();
    if (this.#isMarking) this.#askMask(photo, result);
    else {
      this.#masks.cancel();
      byId("tint").hidden = true;
    }
    if (this.#isMarking) this.#layout(result ? "alone" : "original");
  }

  #askResult(photo, look) {
    this.#later();
    this.#results.ask(photo, look, look.kind, {
      done: (result) => this.#after(photo, look, result),
      failed: (problem) => this.#failed(problem),
    });
  }

  #after(photo, look, { url, width, height }) {
    this.#settled();
    const image = byId("after-image");
    image.src = url;
    image.alt = `${photo.name}, ${look.kind}`;
    const cropped = look.kind === "cutout" && look.crop;
    this.#view.stage.classList.toggle("checkered", isTransparent(look));
    this.#layout(cropped || this.#isMarking ? "alone" : "");
    this.#view.setSize(width, height);
    if (!this.#isMarking) this.#overlay.clear();
    this.#overlay.draw();
    announce("The result is shown.");
  }

  #askMask(photo, hidden) {
    if (!hidden) this.#later();
    this.#masks.ask(photo, this.#state.look, "mask", {
      done: async ({ url }) => {
        await this.#paintTint(url);
        if (!hidden) this.#settled();
        byId("tint").hidden = hidden || !this.#isMarking;
        this.#overlay.applied = [];
        this.#overlay.draw();
      },
      failed: (problem) => this.#failed(problem),
    });
  }

  /** Cover what the mask calls background. */
  async #paintTint(url) {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = byId("tint-canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
    const words = new Uint32Array(pixels.data.buffer);
    for (let i = 0; i < words.length; i++) {
      const stripe = ((i % canvas.width) + Math.floor(i / canvas.width)) % STRIPE < 3;
      const alpha = (255 - (words[i] & 255)) * 0.72;
      words[i] = ((alpha << 24) | (stripe ? LIGHT : DARK)) >>> 0;
    }
    context.putImageData(pixels, 0, 0);
  }

  #failed(problem) {
    this.#settled();
    this.#overlay.applied = [];
    this.#overlay.draw();
    const lost = problem.code === "no_subject";
    if (lost) {
      this.#layout("original");
      byId("tint").hidden = true;
      byId("after-image").removeAttribute("src");
    }
    if (lost && !this.#isMarking) {
      notice("Nothing is left of the subject. Mark what you want to keep.", "Mark the subject", () =>
        this.#marking.open("brush"),
      );
    } else if (lost) notice("Nothing is left of the subject. Mark what you want to keep.");
    else notice(inWords(problem), "Try again", () => this.#show());
  }

  /** "original", "alone" (the result) or "" (both, under the slider). */
  #layout(name) {
    for (const each of ["original", "alone"]) {
      this.#view.stage.classList.toggle(each, each === name);
    }
    if (name === "original") this.#view.stage.classList.remove("checkered");
    const preview = this.#state.current?.preview;
    if (name !== "alone" && preview?.url) this.#view.setSize(preview.width, preview.height);
  }

  #later() {
    clearTimeout(this.#slow);
    this.#slow = setTimeout(() => this.#bar("Computing …"), PATIENCE);
    this.#view.stage.setAttribute("aria-busy", "true");
  }

  #settled() {
    this.#rest();
    notice("");
  }

  /** Nothing is being computed. */
  #rest() {
    clearTimeout(this.#slow);
    this.#bar("");
    this.#view.stage.setAttribute("aria-busy", "false");
  }

  #busy(photo) {
    const share = Math.round(100 * photo.progress);
    if (photo.status === "waiting") this.#bar("Waiting …");
    else if (photo.status === "uploading") this.#bar(`Uploading ${share} %`, share);
    else if (photo.status === "finding") this.#bar("Finding the subject …");
    else if (photo.status === "failed" || byId("busy-text").textContent !== "Computing …") this.#bar("");
  }

  #bar(text, share = null) {
    byId("busy").hidden = !text;
    byId("busy-text").textContent = text;
    if (share === null) byId("busy-bar").removeAttribute("value");
    else byId("busy-bar").value = share;
  }
}
