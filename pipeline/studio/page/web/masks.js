// The mask as it is painted: what may move is clear, the rest is dimmed.

const MOST_SIDE = 1600;

export class MaskLayer {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.scale = 1;
  }

  // named: a picture of what the named masks let move, or null; strokes in order on top of it.
  draw(photo, named, strokes, colour) {
    const scale = Math.min(1, MOST_SIDE / Math.max(...photo));
    this.scale = scale;
    this.canvas.width = Math.max(1, Math.round(photo[0] * scale));
    this.canvas.height = Math.max(1, Math.round(photo[1] * scale));
    const open = this.#open(named, strokes);
    const context = this.canvas.getContext("2d");
    context.fillStyle = colour;
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    context.globalCompositeOperation = "destination-out";
    context.drawImage(open, 0, 0);
    context.globalCompositeOperation = "source-over";
  }

  // Opaque where the photo may move.
  #open(named, strokes) {
    const open = document.createElement("canvas");
    open.width = this.canvas.width;
    open.height = this.canvas.height;
    const context = open.getContext("2d");
    if (named) {
      context.drawImage(named, 0, 0, open.width, open.height);
      greyToAlpha(context, open.width, open.height);
    } else if (strokes.length && strokes.every((stroke) => stroke.erase)) {
      context.fillRect(0, 0, open.width, open.height);
    }
    context.lineCap = context.lineJoin = "round";
    for (const stroke of strokes) {
      context.globalCompositeOperation = stroke.erase ? "destination-out" : "source-over";
      context.lineWidth = Math.max(1, 2 * stroke.radius * this.scale);
      context.beginPath();
      const spots = stroke.points.map(([x, y]) => [(x + 0.5) * this.scale, (y + 0.5) * this.scale]);
      context.moveTo(...spots[0]);
      for (const spot of spots.length > 1 ? spots.slice(1) : spots) context.lineTo(...spot);
      context.stroke();
    }
    return open;
  }
}

function greyToAlpha(context, width, height) {
  const pixels = context.getImageData(0, 0, width, height);
  for (let i = 0; i < pixels.data.length; i += 4) pixels.data[i + 3] = pixels.data[i];
  context.putImageData(pixels, 0, 0);
}
