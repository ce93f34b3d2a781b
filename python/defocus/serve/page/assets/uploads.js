// From files to photographs that the server knows; uploads again what it has forgotten.

import { call, photoPath, upload } from "./api.js";
import { announce } from "./dom.js";
import { Problem, inWords } from "./problems.js";
import { Photo } from "./state.js";

const AT_A_TIME = 2;

export class Uploads {
  #state;
  #waiting = [];
  #running = 0;
  #again = new Map(); // photographs that are being uploaded again
  #limits = null;

  constructor(state) {
    this.#state = state;
  }

  /** The server's limits, or none where it does not say. */
  limits() {
    this.#limits ??= call("GET", "page/limits")
      .then((response) => response.json())
      .catch(() => ({}));
    return this.#limits;
  }

  /** Add photographs, and show the first of them. */
  add(files) {
    const photos = [...files].map((file) => new Photo(file));
    if (photos.length === 0) return;
    for (const photo of photos) photo.local = URL.createObjectURL(photo.file);
    this.#state.photos.push(...photos);
    this.#state.show(photos[0]);
    this.#state.tell("photos");
    for (const photo of photos) this.enqueue(photo);
  }

  enqueue(photo) {
    this.#set(photo, "waiting");
    this.#waiting.push(photo);
    this.#next();
  }

  #next() {
    while (this.#running < AT_A_TIME && this.#waiting.length > 0) {
      const photo = this.#waiting.shift();
      this.#running++;
      this.#run(photo).finally(() => {
        this.#running--;
        this.#next();
      });
    }
  }

  async #run(photo) {
    try {
      await this.#send(photo);
      await fetchPreview(photo);
      this.#set(photo, "ready");
      if (photo === this.#state.current) announce(found(photo));
    } catch (problem) {
      photo.error = problem;
      this.#set(photo, "failed");
      announce(`${photo.name}: ${inWords(problem)}`);
    }
  }

  async #send(photo) {
    const { max_bytes: most } = await this.limits();
    if (most && photo.file.size > most) {
      throw new Problem({ status: 413, code: "body_too_large", limit: most });
    }
    this.#set(photo, "uploading");
    const answer = await upload(photo.file, (share) => {
      photo.progress = share;
      this.#set(photo, share < 1 ? "uploading" : "finding");
    });
    photo.id = answer.id;
    photo.size = [answer.width, answer.height];
    photo.preview = { ...answer.preview, url: photo.preview?.url ?? null };
    photo.subject = answer.subject;
  }

  #set(photo, status) {
    photo.status = status;
    this.#state.tell("photos");
  }

  /**
   * Run `work`, which uses photographs of the server's store. If one is there no longer, upload
   * all of them again and run it once more.
   */
  async withPhotos(photos, work) {
    try {
      return await work();
    } catch (problem) {
      if (problem.code !== "photo_expired") throw problem;
      await Promise.all(photos.map((photo) => this.#renew(photo)));
      return await work();
    }
  }

  #renew(photo) {
    if (!this.#again.has(photo)) {
      const renewed = upload(photo.file, () => {})
        .then((answer) => {
          photo.id = answer.id;
        })
        .finally(() => this.#again.delete(photo));
      this.#again.set(photo, renewed);
    }
    return this.#again.get(photo);
  }

  /** Upload a background picture; it is in no list. */
  async picture(file) {
    const photo = new Photo(file);
    const answer = await upload(file, () => {});
    photo.id = answer.id;
    return photo;
  }
}

async function fetchPreview(photo) {
  const [preview, components] = await Promise.all(
    ["preview", "components"].map((what) => call("GET", photoPath(photo, what)).then((r) => r.blob())),
  );
  photo.preview.url = URL.createObjectURL(preview);
  photo.labels = await labelsOf(components);
}

/** Width, height, and the component of each pixel: 0 for none, else from 1 on. */
async function labelsOf(blob) {
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none" });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  return { width, height, data: Uint8Array.from({ length: width * height }, (_, i) => data[4 * i]) };
}

function found(photo) {
  if (!photo.subject.found) return "No subject was found. Draw a box around it.";
  const count = photo.subject.components.length;
  return count > 1 ? `${count} subjects were found.` : "The subject was found.";
}
