// Refusals of the server, in words, with what to do next.

const MEGA = 1e6;

/** A refusal: status and code of the server, or code "network" where none was reached. */
export class Problem extends Error {
  constructor({ status = 0, code = "network", detail = "", limit = null, value = null, wait = 0 } = {}) {
    super(detail || code);
    Object.assign(this, { status, code, detail, limit, value, wait });
  }

  /** Of a response that is not ok. */
  static async of(response) {
    const text = await response.text().catch(() => "");
    return Problem.parse(response.status, text, response.headers.get("Retry-After"));
  }

  static parse(status, text, wait) {
    let body = {};
    try {
      body = JSON.parse(text);
    } catch {
      // An answer of something in between, such as a proxy: the status has to do.
    }
    return new Problem({ code: "unknown", ...body, status, wait: Number(wait) || 0 });
  }

  /** Whether the same request may succeed a little later. */
  get passes() {
    return status_passes.has(this.status);
  }
}

const status_passes = new Set([429, 503]);

const WORDS = {
  network: "The server cannot be reached. Check that it still runs, then try again.",
  body_too_large: ({ limit }) =>
    `The file is too large${limit ? `: the limit is ${megabytes(limit)}` : ""}. Export it smaller, for example as a JPEG.`,
  image_too_large: ({ limit }) =>
    `The photograph has too many pixels${limit ? `: the limit is ${megapixels(limit)}` : ""}. Export it smaller.`,
  store: "The photograph is too large for this server. Export it smaller.",
  not_image: "This is not a picture. Choose a JPEG, PNG, WebP, HEIC or TIFF file.",
  decode: "The file is damaged or incomplete. Copy it from the camera again, or choose another.",
  missing_extra: "This server cannot read this format. Export the photograph as a JPEG.",
  no_subject: "No subject was found. Draw a box around it.",
  queue_full: "The server is busy. Try again in a moment.",
  upload_memory: "The server is busy. Try again in a moment.",
  upload_timeout: "The upload was too slow and was stopped. Try again.",
  deadline: "It took too long and was stopped. Try again, or use a smaller photograph.",
  shutting_down: "The server is being stopped. Start it again, then try again.",
  memory: "The server is out of memory. Try again, or use a smaller photograph.",
  api_key: "The key was not accepted. Try again with another one.",
  internal: "The server failed on this photograph. Try again, or choose another.",
};

const SAME = {
  unknown_format: "not_image",
  unsupported_media_type: "not_image",
  image_type: "not_image",
  image_missing: "not_image",
};

/** What went wrong and what to do, as sentences. */
export function inWords(problem) {
  if (!(problem instanceof Problem)) return "The page failed. Reload it and try again.";
  const words = WORDS[SAME[problem.code] ?? problem.code];
  if (typeof words === "function") return words(problem);
  if (words) return words;
  if (problem.status === 413) return WORDS.body_too_large(problem);
  if (problem.status >= 500) return WORDS.internal;
  return `${problem.detail || `The server refused with status ${problem.status}`}.`;
}

export const megabytes = (bytes) => `${Math.round(bytes / 1048576)} MB`;
const megapixels = (pixels) => `${Math.round(pixels / MEGA)} megapixels`;

// By the kind with which the library's warnings begin.
const WARNINGS = {
  "no subject found": "No subject was found. Draw a box around it.",
  "perhaps no subject": "Perhaps there is no subject. If the result is wrong, draw a box around the subject.",
  "unsure edges": "The edge is uncertain. Look at it at 100 %, and correct it by marks.",
  camouflage: "Subject and background have the same colours. Look at the edges, and correct them by marks.",
  "several subjects": "There are several subjects. Click the one that you want to keep.",
  "cut by the frame": "The subject is cut off by the edge of the photograph. A wider framing would show it whole.",
  "subject not sharp": "The subject is less sharp than the background. Blur cannot bring its detail back.",
  "small photograph": "The photograph is very small. Use the original if there is a larger one.",
  "several frames": "The file holds several pictures. This is the first one.",
};

/** A warning of the library in the words of this page. */
export function warningInWords(warning) {
  return WARNINGS[warning.split(":")[0]] ?? `${warning[0].toUpperCase()}${warning.slice(1)}.`;
}
