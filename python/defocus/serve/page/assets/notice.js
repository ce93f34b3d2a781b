// A message above the thumbnails: what is wrong, and a button that does what comes next.

import { byId, make } from "./dom.js";

let shown = "";

/** Show a message, with the label and the function of a button if there is one; or none. */
export function notice(text, label = "", action = null) {
  const box = byId("notice");
  box.hidden = !text;
  if (`${text}${label}` === shown && text) {
    const button = box.querySelector("button");
    if (button) button.onclick = action;
    return; // a screen reader is not to hear it twice
  }
  shown = `${text ?? ""}${label}`;
  box.replaceChildren();
  if (!text) return;
  box.append(make("p", { textContent: text }));
  if (label) box.append(make("button", { type: "button", className: "button", textContent: label, onclick: action }));
}
