// The photographs as a row of thumbnails, each with its state.

import { call } from "./api.js";
import { byId, make } from "./dom.js";

const CROSS = "M6 6l12 12M18 6 6 18";

export class Strip {
  #state;
  #items = new Map(); // by photograph

  constructor(state) {
    this.#state = state;
    state.on("photos current edit", () => this.#show());
  }

  #show() {
    for (const [photo, item] of this.#items) {
      if (!this.#state.photos.includes(photo)) {
        item.remove();
        this.#items.delete(photo);
      }
    }
    for (const photo of this.#state.photos) this.#update(photo);
  }

  #update(photo) {
    if (!this.#items.has(photo)) this.#add(photo);
    const item = this.#items.get(photo);
    const [button, image, state] = [".thumb", "img", ".state"].map((each) => item.querySelector(each));
    const url = photo.preview?.url ?? photo.local;
    if (image.getAttribute("src") !== url) image.src = url;
    const [text, kind] = stateOf(photo);
    state.textContent = text;
    state.className = `state ${kind}`;
    state.hidden = !text;
    button.setAttribute("aria-label", `${photo.name}${text ? `, ${text}` : ""}`);
    button.setAttribute("aria-current", photo === this.#state.current);
  }

  #add(photo) {
    const image = make("img", { alt: "" });
    image.addEventListener("error", () => (image.hidden = true));
    image.addEventListener("load", () => (image.hidden = false));
    const thumb = make("button", { type: "button", className: "thumb" }, image, make("span"));
    thumb.lastChild.className = "state";
    thumb.title = photo.name;
    thumb.addEventListener("click", () => this.#state.show(photo));
    const close = make("button", { type: "button", className: "close", title: "Remove" });
    close.setAttribute("aria-label", `Remove ${photo.name}`);
    close.append(cross());
    close.addEventListener("click", () => this.#remove(photo));
    const item = make("li", {}, thumb, close);
    this.#items.set(photo, item);
    byId("strip").append(item);
  }

  #remove(photo) {
    if (photo.id) call("DELETE", `page/photos/${photo.id}`).catch(() => {}); // it expires anyway
    this.#state.remove(photo);
    (this.#items.get(this.#state.current)?.querySelector(".thumb") ?? byId("drop")).focus();
  }
}

function stateOf(photo) {
  if (photo.status === "waiting") return ["Waiting", ""];
  if (photo.status === "uploading") return [`${Math.round(100 * photo.progress)} %`, ""];
  if (photo.status === "finding") return ["Finding …", ""];
  if (photo.status === "failed") return ["Failed", "failed"];
  return photo.hasSubject ? ["", ""] : ["No subject", "doubt"];
}

function cross() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", CROSS);
  svg.append(path);
  return svg;
}
