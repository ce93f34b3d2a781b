// Downloads: one result in full size, or all of them as a zip.

import { call, photoPath } from "./api.js";
import { announce, byId, make } from "./dom.js";
import { notice } from "./notice.js";
import { inWords } from "./problems.js";
import { isTransparent, request } from "./state.js";

const NAMES = { jpeg: "JPEG", png: "PNG", webp: "WebP" };
const ENDINGS = { jpeg: "jpg" };
const FORMATS = { portrait: ["jpeg", "webp", "png"], cutout: ["png", "webp", "jpeg"], mask: ["png"] };

export class Saving {
  #state;
  #uploads;
  #running = false;

  constructor(state, uploads) {
    this.#state = state;
    this.#uploads = uploads;
    byId("format").addEventListener("change", (event) => {
      state.look.format[state.look.kind] = event.target.value;
      this.#show();
    });
    byId("quality").addEventListener("change", (event) => {
      const { valueAsNumber: value } = event.target;
      state.look.quality = Math.min(Math.max(Math.round(value) || 95, 1), 100);
      event.target.value = state.look.quality;
    });
    byId("download").addEventListener("click", () => this.#one());
    byId("download-all").addEventListener("click", () => this.#all());
    state.on("current photos edit", () => this.#show());
  }

  get #ready() {
    return this.#state.photos.filter((photo) => photo.status === "ready" && photo.hasSubject);
  }

  get #format() {
    const { look } = this.#state;
    const format = look.format[look.kind];
    return format === "jpeg" && isTransparent(look) ? "png" : format;
  }

  #show() {
    const { look, current, photos } = this.#state;
    const formats = FORMATS[look.kind].filter((each) => each !== "jpeg" || !isTransparent(look));
    byId("format").replaceChildren(
      ...formats.map((value) => make("option", { value, textContent: NAMES[value] })),
    );
    byId("format").value = this.#format;
    byId("quality-row").hidden = this.#format === "png";
    const able = current?.status === "ready" && current.hasSubject;
    byId("download").disabled = this.#running || !able;
    const ready = this.#ready.length;
    byId("download-all").hidden = photos.length < 2;
    byId("download-all").disabled = this.#running || ready === 0;
    if (this.#running) return;
    byId("download").textContent = "Download";
    byId("download-all").textContent = `Download all (${ready})`;
  }

  #asked(photo) {
    const format = this.#format;
    const quality = format === "png" ? {} : { quality: this.#state.look.quality };
    return { ...request(photo, this.#state.look), format, ...quality };
  }

  #name(photo) {
    const { kind } = this.#state.look;
    return `${photo.stem}-${kind}.${ENDINGS[this.#format] ?? this.#format}`;
  }

  #one() {
    const photo = this.#state.current;
    return this.#save(byId("download"), this.#name(photo), [photo], () =>
      call("POST", photoPath(photo, "download"), { json: this.#asked(photo) }),
    );
  }

  #all() {
    const photos = this.#ready;
    return this.#save(byId("download-all"), "defocus.zip", photos, () => {
      const items = photos.map((photo) => ({
        id: photo.id,
        name: this.#name(photo),
        ...this.#asked(photo),
      }));
      return call("POST", "page/zip", { json: { items } });
    });
  }

  async #save(button, name, photos, ask) {
    const { picture } = this.#state.look;
    this.#running = true;
    this.#show();
    button.textContent = "Computing the full size …";
    announce("Computing the full size.");
    try {
      const response = await this.#uploads.withPhotos(picture ? [...photos, picture] : photos, ask);
      const blob = await received(response, (bytes) => {
        button.textContent = `Receiving, ${(bytes / 1e6).toFixed(1)} MB`;
      });
      offer(blob, name);
      announce(`${name} is downloaded.`);
    } catch (problem) {
      notice(inWords(problem), "Try again", () => button.click());
    } finally {
      this.#running = false;
      this.#show();
    }
  }
}

/** The body of a response; `onProgress` gets the bytes so far. */
async function received(response, onProgress) {
  const parts = [];
  let bytes = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    bytes += value.length;
    onProgress(bytes);
  }
  return new Blob(parts, { type: response.headers.get("Content-Type") });
}

function offer(blob, name) {
  const url = URL.createObjectURL(blob);
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}
