// What the page knows: the photographs, the current one, and how results look.

let lastKey = 0;

/** One photograph of the user: its file, what the server knows of it, and what was edited. */
export class Photo {
  key = ++lastKey;
  status = "waiting"; // waiting, uploading, finding, ready, failed
  progress = 0;
  error = null;
  id = null; // of the server's store
  size = null; // [width, height] of the file
  preview = null; // {width, height, url}
  subject = null;
  labels = null; // which component each pixel is of
  components = null; // the chosen ones, as a sorted list; null for all
  marks = []; // boxes, points and strokes, in the order they were drawn
  undone = [];
  local = null; // URL of the file, shown until there is a preview

  constructor(file) {
    this.file = file;
    this.name = file.name || "photograph";
  }

  /** Whether there is anything to keep sharp. */
  get hasSubject() {
    return Boolean(this.subject?.found) || this.marks.some(({ kind, mode }) => kind === "box" || mode === "keep");
  }

  get stem() {
    return this.name.replace(/\.[^.]*$/, "") || "photograph";
  }
}

/**
 * Events: "photos" (list or status), "current" (another photograph), "edit" (what the result
 * depends on), "tool" (view or mark).
 */
export class State extends EventTarget {
  photos = [];
  current = null;
  tool = "view";
  look = {
    kind: "portrait",
    aperture: 1.8,
    bokeh: "gaussian",
    blades: null,
    highlights: 5,
    grain: 0,
    ground: false, // whether the ground at the feet is in focus too
    background: "none",
    colour: "#ffffff",
    picture: null, // a Photo
    crop: false,
    margin: 0.05,
    format: { portrait: "jpeg", cutout: "png", mask: "png" },
    quality: 95,
  };

  tell(type) {
    this.dispatchEvent(new Event(type));
  }

  on(types, listener) {
    for (const type of types.split(" ")) this.addEventListener(type, listener);
  }

  /** Show another photograph. */
  show(photo) {
    this.current = photo;
    this.tell("current");
  }

  use(tool) {
    this.tool = tool;
    this.tell("tool");
  }

  /** Forget a photograph and show its neighbour. */
  remove(photo) {
    const place = this.photos.indexOf(photo);
    this.photos.splice(place, 1);
    for (const url of [photo.local, photo.preview?.url]) if (url) URL.revokeObjectURL(url);
    this.tell("photos");
    if (photo === this.current) this.show(this.photos[Math.min(place, this.photos.length - 1)] ?? null);
  }
}

/** What the server is asked to make of a photograph, for `render` and `download`. */
export function request(photo, look, kind = look.kind) {
  return {
    kind,
    options: { portrait: portraitOptions, cutout: cutoutOptions, mask: () => ({}) }[kind](look),
    components: photo.components,
    marks: photo.marks,
  };
}

function portraitOptions({ aperture, bokeh, blades, highlights, grain, ground }) {
  const disc = bokeh === "disc" ? { highlights, ...(blades && { blades }) } : {};
  return { aperture, bokeh, grain, ...(ground && { ground: "auto" }), ...disc };
}

function cutoutOptions({ background, colour, picture, crop, margin }) {
  const options = crop ? { crop: `${Math.round(100 * margin)}%` } : {};
  if (background === "colour") options.background = colour;
  if (background === "picture" && picture?.id) options.background = { photo: picture.id };
  return options;
}

/** Whether the result has transparent pixels. */
export function isTransparent(look) {
  const opaque = look.background === "colour" || (look.background === "picture" && look.picture?.id);
  return look.kind === "cutout" && !opaque;
}
