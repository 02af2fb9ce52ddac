// Where the photo lies on the stage: zoom and pan. Places are (x, y) in photo pixels, a pixel's
// centre at whole numbers; spots are (x, y) in CSS pixels from the stage's upper left corner.

const MOST_ZOOM = 16; // CSS pixels per photo pixel
const MARGIN = 24;

export class View {
  constructor() {
    this.photo = [1, 1];
    this.stage = [1, 1];
    this.scale = 1;
    this.left = 0;
    this.top = 0;
    this.fitted = true;
  }

  get fitScale() {
    const [width, height] = this.photo;
    const margin = Math.min(MARGIN, this.stage[0] * 0.03);
    const across = Math.max(1, this.stage[0] - 2 * margin) / width;
    const down = Math.max(1, this.stage[1] - 2 * margin) / height;
    return Math.min(across, down);
  }

  setPhoto(size) {
    this.photo = size;
    this.fit();
  }

  resize(size) {
    this.stage = size;
    if (this.fitted) this.fit();
    else this.bound();
  }

  fit() {
    this.scale = this.fitScale;
    this.left = (this.stage[0] - this.photo[0] * this.scale) / 2;
    this.top = (this.stage[1] - this.photo[1] * this.scale) / 2;
    this.fitted = true;
  }

  zoom(factor, spot = [this.stage[0] / 2, this.stage[1] / 2]) {
    const least = this.fitScale;
    const scale = Math.min(Math.max(this.scale * factor, least), Math.max(MOST_ZOOM, least));
    const ratio = scale / this.scale;
    this.left = spot[0] - (spot[0] - this.left) * ratio;
    this.top = spot[1] - (spot[1] - this.top) * ratio;
    this.scale = scale;
    this.fitted = scale <= least * 1.001;
    if (this.fitted) this.fit();
    else this.bound();
  }

  pan(across, down) {
    this.left += across;
    this.top += down;
    this.fitted = false;
    this.bound();
  }

  // Show a box (left, top, right, bottom) of the photo, with room around it.
  show(box, room = 0.6) {
    const width = (box[2] - box[0]) * (1 + 2 * room);
    const height = (box[3] - box[1]) * (1 + 2 * room);
    const scale = Math.min(this.stage[0] / width, this.stage[1] / height);
    this.scale = Math.min(Math.max(scale, this.fitScale), MOST_ZOOM);
    this.left = this.stage[0] / 2 - ((box[0] + box[2]) / 2) * this.scale;
    this.top = this.stage[1] / 2 - ((box[1] + box[3]) / 2) * this.scale;
    this.fitted = this.scale <= this.fitScale * 1.001;
    if (this.fitted) this.fit();
    else this.bound();
  }

  // The photo cannot be pushed off the stage: its edge stops at the middle.
  bound() {
    for (const [name, axis] of [["left", 0], ["top", 1]]) {
      const length = this.photo[axis] * this.scale;
      const middle = this.stage[axis] / 2;
      this[name] = Math.min(Math.max(this[name], middle - length), middle);
    }
  }

  toSpot([x, y]) {
    return [this.left + (x + 0.5) * this.scale, this.top + (y + 0.5) * this.scale];
  }

  toPlace([across, down]) {
    return [(across - this.left) / this.scale - 0.5, (down - this.top) / this.scale - 0.5];
  }

  inside([x, y]) {
    return x >= -0.5 && y >= -0.5 && x <= this.photo[0] - 0.5 && y <= this.photo[1] - 0.5;
  }

  // The nearest place on the photo, to a hundredth of a pixel.
  clamp([x, y]) {
    const within = (value, length) =>
      Math.round(Math.min(Math.max(value, 0), length - 1) * 100) / 100;
    return [within(x, this.photo[0]), within(y, this.photo[1])];
  }
}
