// What the finger hides: a round part of the stage, larger, above it.

const SIDE = 112; // CSS pixels
const AWAY = 76; // from the finger to the middle
const LARGER = 2;

export class Loupe {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.canvas.className = "pd-loupe";
    this.canvas.setAttribute("aria-hidden", "true");
    this.canvas.hidden = true;
  }

  // stage: the canvas below; spot: where the finger is, null where there is none; size: the stage's
  draw(stage, spot, size) {
    this.canvas.hidden = !spot;
    if (!spot) return;
    const ratio = stage.width / size[0];
    const pixels = Math.round(SIDE * ratio);
    if (this.canvas.width !== pixels) this.canvas.width = this.canvas.height = pixels;
    const context = this.canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, pixels, pixels);
    const seen = pixels / LARGER;
    const [x, y] = spot.map((one) => one * ratio - seen / 2);
    context.drawImage(stage, x, y, seen, seen, 0, 0, pixels, pixels);
    this.#cross(context, pixels / 2, ratio);
    const [left, top] = placed(spot, size);
    this.canvas.style.transform = `translate(${left}px, ${top}px)`;
  }

  #cross(context, middle, ratio) {
    for (const [color, width] of [["rgb(0 0 0 / 55%)", 4], ["#fff", 2]]) {
      context.strokeStyle = color;
      context.lineWidth = width * ratio;
      context.beginPath();
      for (const [across, down] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        context.moveTo(middle + across * 4 * ratio, middle + down * 4 * ratio);
        context.lineTo(middle + across * 11 * ratio, middle + down * 11 * ratio);
      }
      context.stroke();
    }
  }
}

// The upper left corner: above the finger, or beside it where there is no room.
function placed([x, y], [width]) {
  const half = SIDE / 2;
  const left = Math.min(Math.max(x - half, 4), width - SIDE - 4);
  const top = y - AWAY - half;
  if (top >= 4) return [left, top];
  const beside = x < width / 2 ? x + AWAY - half + 8 : x - AWAY - half - 8;
  return [beside, Math.max(y - half, 4)];
}
