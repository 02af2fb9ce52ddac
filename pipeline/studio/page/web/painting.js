// One picture of the stage: the photo, a frame of the change, the mask, and the photo as it was.

export function paint(canvas, view, pictures, mask, look) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = view.stage;
  const pixels = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== pixels[0] || canvas.height !== pixels[1]) {
    [canvas.width, canvas.height] = pixels;
  }
  const context = canvas.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, ...pixels);
  if (!pictures.now) return;
  const scale = view.scale * ratio;
  context.setTransform(scale, 0, 0, scale, view.left * ratio, view.top * ratio);
  context.imageSmoothingEnabled = view.scale < 3;
  context.imageSmoothingQuality = "high";

  const [across, down] = view.photo;
  const first = look.before ? pictures.before : pictures.now;
  context.drawImage(first ?? pictures.now, 0, 0, across, down);
  drawPart(context, look.before ? look.detail.before : look.detail.now);
  if (!look.before) drawPart(context, pictures.frame);
  if (mask && !look.before) {
    context.globalAlpha = look.veil;
    context.drawImage(mask.canvas, 0, 0, across, down);
    context.globalAlpha = 1;
  }
  if (look.split !== null && !look.before && pictures.before) {
    context.save();
    context.beginPath();
    context.rect(0, 0, across * look.split, down);
    context.clip();
    context.drawImage(pictures.before, 0, 0, across, down);
    drawPart(context, look.detail.before);
    context.restore();
  }
}

function drawPart(context, part) {
  if (!part) return;
  const [left, top, right, bottom] = part.box;
  context.drawImage(part.image, left, top, right - left, bottom - top);
}
