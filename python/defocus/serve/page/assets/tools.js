// What the user draws with each tool: drafts and marks, in pixels of the photograph.

const MOST_POINTS = 5000; // in one stroke
const LEAST_BOX = 4; // pixels of the screen

const rounded = (point) => point.map((value) => Math.round(value * 10) / 10);

const box = {
  start: (point) => ({ kind: "box", from: point, to: point }),
  move(draft, point) {
    draft.to = point;
  },
  /** The box within the photograph; none if it is hardly larger than a click. */
  end({ from, to }, { scale, size }) {
    const clamped = [from, to].map((point) => point.map((v, i) => Math.min(Math.max(v, 0), size[i])));
    const [left, right] = clamped.map(([x]) => x).sort((a, b) => a - b);
    const [top, bottom] = clamped.map(([, y]) => y).sort((a, b) => a - b);
    if (Math.min(right - left, bottom - top) * scale < LEAST_BOX) return null;
    return { kind: "box", box: rounded([left, top, right, bottom]) };
  },
};

const point = {
  start: (place, { mode }) => ({ kind: "point", mode, at: place }),
  move() {},
  /** The point; none outside of the photograph. */
  end({ mode, at }, { size }) {
    const inside = at.every((value, i) => value >= 0 && value < size[i]);
    return inside ? { kind: "point", mode, at: at.map((value) => Math.floor(value * 10) / 10) } : null;
  },
};

const brush = {
  start: (place, { mode, radius }) => ({ kind: "stroke", mode, radius, points: [rounded(place)] }),
  move({ points, radius }, place) {
    const next = rounded(place);
    const last = points.at(-1);
    const far = Math.hypot(next[0] - last[0], next[1] - last[1]) >= Math.max(radius / 8, 0.5);
    if (far && points.length < MOST_POINTS) points.push(next);
  },
  end: (draft) => draft,
};

export const TOOLS = { box, point, brush };

export const HINTS = {
  box: "Draw a box around the subject. Nothing outside of it is kept.",
  point: "Click what to keep or to remove. What looks alike around it follows.",
  brush: "Paint roughly. The edge follows the photograph.",
};

// What a screen reader says when the keys start a mark, and when they end it.
export const BY_KEYS = {
  box: ["First corner. Move to the opposite corner with the arrow keys, then press the space bar.", "Box drawn."],
  point: ["", "Point placed."],
  brush: ["Brush down. Move it with the arrow keys, lift it with the space bar.", "Brush up."],
};
