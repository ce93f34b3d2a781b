// Results of the server: one request at a time, the newest only, and those of late kept.

import { call, photoPath } from "./api.js";
import { request } from "./state.js";

const PACE = 120; // milliseconds between two requests while a slider moves
const KEPT = 24;

/** Renders one kind of answer; an answer that is no longer wanted is never shown. */
export class Results {
  #uploads;
  #kept = new Map();
  #latest = 0;
  #abort = null;
  #timer = null;
  #started = 0;

  constructor(uploads) {
    this.#uploads = uploads;
  }

  /**
   * Ask for a result. `done(result)` gets {url, width, height}; `failed` a Problem; neither is
   * called if another result was asked for in the meantime. Whether it is there at once.
   */
  ask(photo, look, kind, { done, failed }) {
    const mine = this.cancel();
    const name = JSON.stringify([photo.key, request(photo, look, kind)]);
    const known = this.#kept.get(name);
    if (known) {
      done(known);
      return true;
    }
    const wait = Math.max(0, this.#started + PACE - performance.now());
    this.#timer = setTimeout(() => {
      this.#started = performance.now();
      this.#abort = new AbortController();
      this.#fetch(photo, look, kind, this.#abort.signal).then(
        (result) => {
          this.#keep(name, result);
          if (mine === this.#latest) done(result);
        },
        (problem) => {
          if (mine === this.#latest && problem.name !== "AbortError") failed(problem);
        },
      );
    }, wait);
    return false;
  }

  /** Want nothing any more. */
  cancel() {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    return ++this.#latest;
  }

  async #fetch(photo, look, kind, signal) {
    const used = look.picture && kind === "cutout" ? [photo, look.picture] : [photo];
    const response = await this.#uploads.withPhotos(used, () =>
      call("POST", photoPath(photo, "render"), { json: request(photo, look, kind), signal }),
    );
    const url = URL.createObjectURL(await response.blob());
    const image = new Image();
    image.src = url;
    await image.decode(); // so that it is shown without a flash
    return { url, width: image.naturalWidth, height: image.naturalHeight };
  }

  #keep(name, result) {
    this.#kept.set(name, result);
    if (this.#kept.size > KEPT) {
      const [oldest, { url }] = this.#kept.entries().next().value;
      this.#kept.delete(oldest);
      setTimeout(() => URL.revokeObjectURL(url), 60000); // it may still be shown
    }
  }
}
