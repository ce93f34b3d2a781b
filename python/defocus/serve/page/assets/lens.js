// The aperture: the numbers of a lens ring, and an iris that opens and closes with them.

import { byId, make } from "./dom.js";

const STOPS = [1.2, 1.4, 1.8, 2, 2.8, 4, 5.6, 8];
const EDGE = 42; // radius of the glass in the drawing
const ROUND = 48; // sides of a round aperture

export function lens(state) {
  const range = byId("aperture");
  range.max = STOPS.length - 1;
  range.value = STOPS.indexOf(state.look.aperture);
  byId("stops").append(
    ...STOPS.map((stop, place) => {
      const mark = make("span", { textContent: stop });
      mark.addEventListener("click", () => {
        range.value = place;
        range.dispatchEvent(new Event("input", { bubbles: true }));
      });
      return mark;
    }),
  );
  range.addEventListener("input", () => {
    state.look.aperture = STOPS[range.valueAsNumber];
    state.tell("edit");
  });
  state.on("edit", () => draw(state.look));
  draw(state.look);
}

function draw({ aperture, bokeh, blades }) {
  byId("aperture-value").textContent = `f/${aperture}`;
  byId("aperture").setAttribute("aria-valuetext", `f ${aperture}`);
  [...byId("stops").children].forEach((mark, place) => {
    mark.classList.toggle("now", STOPS[place] === aperture);
  });
  const sides = (bokeh === "disc" && blades) || ROUND;
  const radius = (EDGE - 3) * Math.sqrt(STOPS[0] / aperture);
  byId("iris-path").setAttribute("d", `${polygon(ROUND, EDGE)}${polygon(sides, radius)}`);
}

function polygon(sides, radius) {
  const corners = Array.from({ length: sides }, (_, i) => {
    const angle = (2 * Math.PI * i) / sides - Math.PI / 2;
    return `${(radius * Math.cos(angle)).toFixed(2)} ${(radius * Math.sin(angle)).toFixed(2)}`;
  });
  return `M${corners.join("L")}Z`;
}
