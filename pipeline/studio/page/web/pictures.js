// The photo as it looks, as it was, and the frames that come while it changes.

export class Pictures {
  constructor(changed, failed) {
    this.changed = changed;
    this.failed = failed;
    this.now = null;
    this.before = null;
    this.mask = null;
    this.frame = null; // {image, box}
    this.urls = { now: null, before: null, mask: null };
    this.serial = 0;
    this.wanted = null;
    this.loading = false;
  }

  // Load what has another address than before; what is shown stays until its successor is there.
  show(urls) {
    for (const name of ["now", "before", "mask"]) {
      const url = urls?.[name] ?? null;
      if (url === this.urls[name]) continue;
      this.urls[name] = url;
      if (url === null) {
        this[name] = null;
        if (name === "now") this.frame = null;
        this.changed();
      } else {
        this.load(name, url);
      }
    }
  }

  async load(name, url) {
    try {
      const image = await fetchImage(url);
      if (this.urls[name] !== url) return; // another one is wanted by now
      this[name] = image;
      if (name === "now") {
        this.frame = null;
        this.shown = url;
      }
      this.changed(name);
    } catch (error) {
      if (this.urls[name] === url) this.failed(error);
    }
  }

  // Whether a newer picture than the one that is shown is on its way.
  get behind() {
    return this.shown !== this.urls.now;
  }

  // Frames come faster than they may be drawn: only the newest is fetched.
  async follow(frame) {
    if (!frame || frame.serial <= this.serial) return;
    this.wanted = frame;
    if (this.loading) return;
    this.loading = true;
    while (this.wanted) {
      const next = this.wanted;
      this.wanted = null;
      try {
        const image = await fetchImage(next.url);
        if (next.serial > this.serial) {
          this.serial = next.serial;
          this.frame = { image, box: next.box };
          this.changed("frame");
        }
      } catch {
        // the run has ended meanwhile: its picture follows
      }
    }
    this.loading = false;
  }

  dropFrame() {
    this.wanted = null;
    if (this.frame === null) return;
    this.frame = null;
    this.changed();
  }
}

async function fetchImage(url) {
  const answer = await fetch(url, { credentials: "same-origin", cache: "no-store" });
  if (!answer.ok) throw new Error(`the picture cannot be loaded (${answer.status})`);
  return createImageBitmap(await answer.blob());
}
