// Zoomed in, the part of the photo in view at its own resolution: the whole is shown smaller.

const SETTLED = 250; // milliseconds without a movement
const MOST_SIDE = 2600; // pixels

export class Detail {
  constructor(view, changed) {
    this.view = view;
    this.changed = changed;
    this.source = null; // {url, scale}: the address, and pixels of the whole picture per photo pixel
    this.now = this.before = null; // {image, box}
    this.key = "";
  }

  // source: null where there is none, as while the face moves
  follow(source) {
    if (source?.url !== this.source?.url) this.#forget();
    this.source = source;
    clearTimeout(this.timer);
    if (source && this.#pixels() > source.scale * 1.1) {
      this.timer = setTimeout(() => this.#load(), SETTLED);
    } else {
      this.#forget();
    }
  }

  #pixels() {
    return Math.min(1, this.view.scale * (window.devicePixelRatio || 1));
  }

  #forget() {
    this.now = this.before = null;
    this.key = "";
  }

  async #load() {
    const [width, height] = this.view.photo;
    const [left, top] = this.view.toPlace([0, 0]);
    const [right, bottom] = this.view.toPlace(this.view.stage);
    const box = [
      Math.max(0, Math.floor(left)),
      Math.max(0, Math.floor(top)),
      Math.min(width, Math.ceil(right + 1)),
      Math.min(height, Math.ceil(bottom + 1)),
    ];
    if (box[2] <= box[0] || box[3] <= box[1]) return;
    const longest = Math.max(box[2] - box[0], box[3] - box[1]);
    const side = Math.min(MOST_SIDE, Math.ceil(longest * this.#pixels()));
    const key = `${this.source.url}&box=${box.join(",")}&side=${side}`;
    if (key === this.key) return;
    this.key = key;
    const images = await Promise.all([fetchPart(key), fetchPart(`${key}&original=1`)]);
    if (this.key !== key || images.includes(null)) return;
    [this.now, this.before] = images.map((image) => ({ image, box }));
    this.changed();
  }
}

async function fetchPart(url) {
  try {
    const answer = await fetch(url, { credentials: "same-origin", cache: "no-store" });
    return answer.status === 200 ? createImageBitmap(await answer.blob()) : null;
  } catch {
    return null; // the whole picture is there
  }
}
