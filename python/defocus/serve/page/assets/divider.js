// The boundary between before and after: mouse, touch, and arrow keys.

import { byId, clamp } from "./dom.js";

const KEYS = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageUp: 10, PageDown: -10 };

export function divide(view) {
  const divider = byId("divider");
  let share = 50;

  function move(percent) {
    share = clamp(percent, 0, 100);
    view.stage.style.setProperty("--split", `${share}%`);
    divider.setAttribute("aria-valuenow", Math.round(share));
    divider.setAttribute("aria-valuetext", `${Math.round(share)} % before`);
  }

  divider.addEventListener("pointerdown", (event) => {
    event.stopPropagation();
    event.preventDefault();
    divider.focus({ focusVisible: false });
    divider.setPointerCapture(event.pointerId);
  });
  divider.addEventListener("pointermove", (event) => {
    event.stopPropagation();
    if (!divider.hasPointerCapture(event.pointerId)) return;
    move((100 * view.onStage(event)[0]) / view.stage.clientWidth);
  });
  for (const type of ["pointerup", "click"]) {
    divider.addEventListener(type, (event) => event.stopPropagation());
  }
  divider.addEventListener("keydown", (event) => {
    const ends = { Home: 0, End: 100 };
    if (event.key in ends) move(ends[event.key]);
    else if (event.key in KEYS) move(share + KEYS[event.key] * (event.shiftKey ? 5 : 1));
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  move(50);
}
