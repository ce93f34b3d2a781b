// How photographs get in: chosen, dropped, pasted, taken. And what the first screen says of them.

import { byId } from "./dom.js";

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

export function intake(uploads) {
  choose("drop", "file");
  choose("add", "file");
  choose("take", "camera");
  for (const id of ["file", "camera"]) {
    byId(id).addEventListener("change", ({ target }) => {
      uploads.add(target.files);
      target.value = "";
    });
  }
  drops(uploads);
  document.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    uploads.add(files);
  });
  privacy(uploads);
}

function choose(button, input) {
  byId(button).addEventListener("click", () => byId(input).click());
}

function drops(uploads) {
  let depth = 0;
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  function dragging(on) {
    document.body.classList.toggle("dragging", on);
    byId("veil").hidden = !on || !byId("first").hidden;
  }
  addEventListener("dragenter", (event) => {
    if (holdsFiles(event) && ++depth === 1) dragging(true);
  });
  addEventListener("dragleave", (event) => {
    if (holdsFiles(event) && --depth === 0) dragging(false);
  });
  addEventListener("dragover", (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    depth = 0;
    dragging(false);
    uploads.add(event.dataTransfer.files);
  });
}

async function privacy(uploads) {
  const line = byId("privacy");
  if (LOOPBACK.test(location.hostname)) {
    line.textContent = "The photograph does not leave this machine.";
    return;
  }
  const { store_seconds: seconds } = await uploads.limits();
  const time = seconds ? `, which forgets it after ${Math.round(seconds / 60)} minutes` : "";
  line.textContent = `The photograph goes to ${location.hostname} only${time}.`;
}
