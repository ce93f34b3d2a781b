// Puts the parts of the page together.

import { Display } from "./display.js";
import { divide } from "./divider.js";
import { Gestures } from "./gestures.js";
import { intake } from "./intake.js";
import { lens } from "./lens.js";
import { Marking } from "./marking.js";
import { Overlay } from "./overlay.js";
import { Panel } from "./panel.js";
import { Saving } from "./saving.js";
import { State } from "./state.js";
import { Strip } from "./strip.js";
import { Subjects } from "./subjects.js";
import { Uploads } from "./uploads.js";
import { View } from "./view.js";

const state = new State();
const uploads = new Uploads(state);
const view = new View();
const overlay = new Overlay(view);
const marking = new Marking(state, view, overlay);
const subjects = new Subjects(state, view, overlay);

divide(view);
new Display({ state, view, overlay, marking, uploads });
new Gestures(view, {
  marking,
  tap: (point, event) => {
    if (marking.active) marking.tap(point);
    else subjects.tap(point, event.shiftKey || event.ctrlKey || event.metaKey);
  },
  hover: (point) => (marking.active ? marking.hover(point) : subjects.hover(point)),
});
new Strip(state);
new Panel(state, uploads);
new Saving(state, uploads);
lens(state);
intake(uploads);
document.body.dataset.ready = "true";
