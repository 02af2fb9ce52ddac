// What the pointer does on the photo: place and move points, paint the mask. All of it ends in
// one call of `acts.changed`, so a gesture is one change.

const CLICK = 4; // CSS pixels: less is a click, no drag
const SNAP = 14; // CSS pixels to a landmark
const SPACING = 0.25; // of the brush's radius

export class Tools {
  // stage: {view, points, strokes, state, select(id), redraw(), repaintMask()}
  constructor(stage, acts) {
    this.stage = stage;
    this.acts = acts;
    this.name = "points";
    this.held = null; // {id, end, began} or {stroke}
    this.next = 1;
    this.spot = null; // where the mouse is
    this.touched = null; // where a finger is
  }

  get paints() {
    return this.name === "brush" || this.name === "eraser";
  }

  // Where a finger places or moves something.
  get finger() {
    return this.held ? this.touched : null;
  }

  newId() {
    for (const point of this.stage.points) this.next = Math.max(this.next, point.id + 1);
    return this.next++;
  }

  begin(spot, event) {
    const stage = this.stage;
    if (stage.state.locked) return;
    this.#touch(spot, event);
    stage.crosshair = null;
    if (this.paints) {
      this.#dab(spot);
      return;
    }
    if (this.name !== "points") return;
    const marker = event.target.closest?.("[data-point]");
    this.before = structuredClone(stage.points);
    if (marker) {
      const id = Number(marker.dataset.point);
      this.held = { id, end: marker.dataset.end, began: spot, fresh: false };
      stage.select(id);
      return;
    }
    const place = stage.view.toPlace(spot);
    if (!stage.view.inside(place)) {
      stage.select(null);
      return;
    }
    const open = stage.points.find((point) => point.target === null);
    if (open) {
      open.target = stage.view.clamp(place);
      this.held = { id: open.id, end: "target", began: spot, fresh: true };
    } else {
      this.#place(place, spot, event.altKey);
    }
    stage.redraw();
  }

  #place(place, spot, freely) {
    const stage = this.stage;
    const landmark = freely ? null : this.#landmark(place);
    const point = {
      id: this.newId(),
      handle: landmark ? landmark.place : stage.view.clamp(place),
      target: null,
      landmark: landmark ? landmark.name : null,
    };
    stage.points.push(point);
    stage.select(point.id);
    this.held = { id: point.id, end: "target", began: spot, fresh: true };
  }

  hover(spot) {
    this.spot = spot;
    if (this.paints) this.stage.redraw();
  }

  move(spot, event) {
    this.spot = spot;
    const stage = this.stage;
    if (!this.held) return;
    this.#touch(spot, event);
    if (this.held.stroke) {
      this.#extend(spot);
      return;
    }
    const far = Math.hypot(spot[0] - this.held.began[0], spot[1] - this.held.began[1]);
    const point = this.#point();
    if (!point || (far < CLICK && !this.held.moved)) return;
    this.held.moved = true;
    const place = stage.view.clamp(stage.view.toPlace(spot));
    if (this.held.end === "handle") {
      const landmark = event.altKey ? null : this.#landmark(place);
      point.handle = landmark ? landmark.place : place;
      point.landmark = landmark ? landmark.name : null;
    } else {
      point.target = place;
    }
    stage.redraw();
  }

  end() {
    const held = this.held;
    this.held = null;
    if (!held) return;
    this.stage.redraw();
    if (held.stroke) {
      this.acts.strokes();
      return;
    }
    const point = this.stage.points.find((one) => one.id === held.id);
    if (!held.fresh && !held.moved) return; // only selected
    const whole = point?.target && !same(point.handle, point.target);
    if (point?.target && !whole) point.target = null;
    this.stage.redraw();
    this.acts.points(Boolean(whole), performance.now());
  }

  cancel() {
    const held = this.held;
    this.held = null;
    if (!held) return;
    if (held.stroke) this.stage.strokes.pop();
    else this.stage.points = this.before;
    this.stage.repaintMask();
    this.stage.redraw();
  }

  // A click of the keyboard at the crosshair.
  press(place) {
    const spot = this.stage.view.toSpot(place);
    const event = { altKey: false, target: this.stage.canvas };
    this.begin(spot, event);
    this.end(spot, event);
  }

  #touch(spot, event) {
    this.touched = event.pointerType === "touch" ? spot : null;
    if (this.touched) this.stage.redraw();
  }

  #point() {
    return this.stage.points.find((point) => point.id === this.held.id);
  }

  #landmark(place) {
    const { state, view } = this.stage;
    if (!state.snap) return null;
    let best = null;
    let least = SNAP / view.scale;
    for (const landmark of state.landmarks) {
      const far = Math.hypot(landmark.place[0] - place[0], landmark.place[1] - place[1]);
      if (far <= least) [best, least] = [landmark, far];
    }
    return best;
  }

  #dab(spot) {
    const { view, state, strokes } = this.stage;
    const radius = Math.max(0.5, Math.round((state.brush / view.scale) * 50) / 100);
    const stroke = {
      points: [view.clamp(view.toPlace(spot))],
      radius,
      erase: this.name === "eraser",
    };
    strokes.push(stroke);
    this.held = { stroke };
    this.stage.repaintMask();
  }

  #extend(spot) {
    const { stroke } = this.held;
    const place = this.stage.view.clamp(this.stage.view.toPlace(spot));
    const last = stroke.points.at(-1);
    const far = Math.hypot(place[0] - last[0], place[1] - last[1]);
    if (far < Math.max(1, stroke.radius * SPACING)) return;
    stroke.points.push(place);
    this.stage.repaintMask();
  }
}

function same(one, other) {
  return one[0] === other[0] && one[1] === other[1];
}
