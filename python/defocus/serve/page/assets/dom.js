// Short names for what the modules do with the document.

/** The element with that id. */
export const byId = (id) => document.getElementById(id);

/** A new element with properties and children. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Tell a screen reader. */
export function announce(text) {
  byId("live").textContent = text;
}

/** The value of the checked radio button of a name. */
export function chosen(name) {
  return document.querySelector(`input[name="${name}"]:checked`)?.value;
}

export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
