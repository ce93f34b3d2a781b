// The server's API: fetch, upload with progress, the key, and waiting while the server is busy.

import { byId } from "./dom.js";
import { Problem } from "./problems.js";

const KEY = "defocus-key";
const TRIES = 4;

function headers() {
  const key = sessionStorage.getItem(KEY);
  return key ? { "X-API-Key": key } : {};
}

/** Ask for the key; whether one was given. */
let asking = null;
function askForKey() {
  asking ??= new Promise((resolve) => {
    const dialog = byId("key-dialog");
    dialog.addEventListener(
      "close",
      () => {
        asking = null;
        const given = dialog.returnValue === "ok" && byId("key").value;
        if (given) sessionStorage.setItem(KEY, given.trim());
        resolve(Boolean(given));
      },
      { once: true },
    );
    dialog.returnValue = "";
    dialog.showModal();
  });
  return asking;
}

/** Repeat while the server is busy, and once more with a key where one is needed. */
async function patient(send, signal) {
  for (let tried = 1; ; tried++) {
    try {
      return await send();
    } catch (problem) {
      if (problem.status === 401 && (await askForKey())) continue;
      if (!problem.passes || tried === TRIES) throw problem;
      await pause(Math.min(problem.wait || tried, 5) * 1000, signal);
    }
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** A response that is ok. Raises Problem, or AbortError. */
export function call(method, path, { json, signal } = {}) {
  const body = json === undefined ? undefined : JSON.stringify(json);
  const type = body ? { "Content-Type": "application/json" } : {};
  return patient(async () => {
    let response;
    try {
      response = await fetch(path, { method, body, signal, headers: { ...headers(), ...type } });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Problem();
    }
    if (!response.ok) throw await Problem.of(response);
    return response;
  }, signal);
}

/** Upload a file; `onProgress` gets the share that was sent, 0 to 1. Gives the answer's JSON. */
export function upload(file, onProgress) {
  return patient(() => send(file, onProgress));
}

function send(file, onProgress) {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    form.append("image", file, "image"); // the server needs no name
    const xhr = new XMLHttpRequest();
    xhr.open("POST", "page/photos");
    for (const [name, value] of Object.entries(headers())) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    xhr.upload.onload = () => onProgress(1);
    xhr.onerror = () => reject(new Problem());
    xhr.onload = () => {
      if (xhr.status === 201) resolve(JSON.parse(xhr.responseText));
      else reject(Problem.parse(xhr.status, xhr.responseText, xhr.getResponseHeader("Retry-After")));
    };
    xhr.send(form);
  });
}

export const photoPath = (photo, what) => `page/photos/${photo.id}/${what}`;
