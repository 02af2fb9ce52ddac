// The stage: the photo with all that lies on it. The page tells it its state, it tells the page
// what was done, by name.

import { Detail } from "/studio/web/detail.js";
import { Gestures } from "/studio/web/gestures.js";
import { Loupe } from "/studio/web/loupe.js";
import { Markers } from "/studio/web/markers.js";
import { MaskLayer } from "/studio/web/masks.js";
import { paint } from "/studio/web/painting.js";
import { Pictures } from "/studio/web/pictures.js";
import { Split } from "/studio/web/split.js";
import { Tools } from "/studio/web/tools.js";
import { View } from "/studio/web/view.js";

const SETTLED = 450; // milliseconds after the last arrow key
const START = {
  view: null,
  faces: [],
  face: null,
  picking: false,
  points: [],
  strokes: [],
  landmarks: [],
  revision: 0,
  tool: "points",
  brush: 24,
  snap: true,
  marked: true,
  locked: false,
  split: false,
  veiled: false,
};

export class Stage {
  constructor(root, emit) {
    this.root = root;
    this.emit = emit;
    this.state = START;
    this.live = {};
    this.points = [];
    this.strokes = [];
    this.selected = null;
    this.crosshair = null;
    this.before = false;
    this.released = null;
    this.view = new View();
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.mask = new MaskLayer();
    this.hasMask = false;
    this.pictures = new Pictures(
      (what) => this.#pictureChanged(what),
      (error) => emit("problem", String(error.message ?? error)),
    );
    this.detail = new Detail(this.view, () => this.redraw());
    this.tools = new Tools(this, {
      points: (dropped, time) => this.#tell(dropped, time),
      strokes: () => emit("strokes", this.strokes),
    });
    this.markers = new Markers(this.view, {
      chooseFace: (number) => emit("face", number),
      nudge: (id, end, by) => this.#nudge(id, end, by),
      remove: (id) => this.remove(id),
    });
    this.loupe = new Loupe();
    this.split = new Split(this.view, () => this.redraw());
    root.append(this.canvas, this.markers.layer, this.split.handle, this.loupe.canvas);
    root.tabIndex = 0;
    root.addEventListener("keydown", (event) => this.#key(event));
    root.addEventListener("blur", () => this.#aim(null));
    root.addEventListener("pointerleave", () => {
      this.tools.spot = null;
      this.redraw();
    });
    this.gestures = new Gestures(root, this.view, this.tools, () => this.redraw());
    this.watcher = new ResizeObserver(() => this.#resize());
    this.watcher.observe(root);
    // the classes are written anew with every message, mostly as they were
    this.theme = new MutationObserver(() => isDark() === this.dark || this.repaintMask());
    this.theme.observe(document.body, { attributes: true, attributeFilter: ["class"] });
    this.#resize();
  }

  close() {
    this.watcher.disconnect();
    this.theme.disconnect();
  }

  // The page's state; `revision` grows with every change of points or strokes that the page makes.
  show(given) {
    const last = this.state;
    const state = { ...START, ...given };
    this.state = state;
    if (state.revision !== last.revision) {
      this.points = structuredClone(state.points);
      this.strokes = structuredClone(state.strokes);
      if (!this.points.some((point) => point.id === this.selected)) this.selected = null;
    }
    this.tools.name = state.tool;
    this.root.dataset.tool = state.tool;
    const size = state.view?.size;
    if (size && String(size) !== String(this.view.photo)) this.view.setPhoto(size);
    if (state.view?.photo !== last.view?.photo) this.view.fit();
    this.pictures.show(state.view ? { ...state.view, mask: state.view.mask } : null);
    if (this.#comesCloser(state, last)) this.#approach();
    this.split.show(state.split && state.view);
    const sizes = [last.view?.size, size].map(String);
    // painting the mask takes long, and the state comes with every frame
    if (state.revision !== last.revision || sizes[0] !== sizes[1]) this.repaintMask();
    else this.redraw();
  }

  // What changes many times a second: {frame, handles}.
  follow(live) {
    this.live = live ?? {};
    if (this.live.frame) this.pictures.follow(this.live.frame);
    else this.pictures.wanted = null;
    if (this.live.dropped) this.pictures.dropFrame();
    this.redraw();
  }

  select(id) {
    this.selected = id;
    this.redraw();
  }

  remove(id) {
    if (this.state.locked) return;
    const index = this.points.findIndex((point) => point.id === id);
    if (index < 0) return;
    this.points.splice(index, 1);
    this.root.focus({ preventScroll: true });
    this.#tell(true, performance.now());
    this.redraw();
  }

  holdBefore(on) {
    if (this.before === on) return;
    this.before = on;
    this.root.classList.toggle("pd-before", on);
    this.redraw();
  }

  zoom(how) {
    if (how === "fit") this.view.fit();
    else if (how === "face") this.#approach();
    else this.view.zoom(how === "in" ? 1.4 : 1 / 1.4);
    this.redraw();
  }

  redraw() {
    if (this.due) return;
    this.due = requestAnimationFrame(() => {
      this.due = null;
      this.#draw();
    });
  }

  repaintMask() {
    const named = this.pictures.mask;
    this.hasMask = Boolean(this.state.view && (this.strokes.length || named));
    if (this.hasMask) {
      this.dark = isDark();
      this.mask.draw(this.view.photo, named, this.strokes, this.dark ? "#0a0c14" : "#ffffff");
    }
    this.redraw();
  }

  #draw() {
    const veil = this.state.veiled ? 0.6 : this.split.share === null ? 0.2 : 0;
    this.detail.follow(this.pictures.frame || this.pictures.behind ? null : this.state.view?.detail);
    const look = { before: this.before, split: this.split.share, veil, detail: this.detail };
    paint(this.canvas, this.view, this.pictures, this.hasMask ? this.mask : null, look);
    this.split.place();
    this.loupe.draw(this.canvas, this.tools.finger, this.view.stage);
    const paints = this.tools.paints && this.tools.spot && this.state.view && !this.state.locked;
    const shows = this.state.snap && this.state.marked && this.state.tool === "points";
    this.markers.draw({
      faces: this.state.view ? this.state.faces : [],
      face: this.state.face,
      picking: this.state.picking,
      points: this.before ? [] : this.points,
      landmarks: shows && !this.before ? this.state.landmarks.map((one) => one.place) : [],
      handles: this.live.handles ?? [],
      locked: this.state.locked,
      selected: this.selected,
      crosshair: this.crosshair,
      brush: paints ? { spot: this.tools.spot, radius: this.state.brush } : null,
    });
    const percent = Math.round(this.view.scale * 100);
    if (percent !== this.percent) {
      this.percent = percent;
      for (const label of document.querySelectorAll("[data-zoom-label]")) {
        label.textContent = `${percent} %`;
      }
    }
    if (this.drawn) {
      performance.mark("photodrag-frame");
      this.drawn = false;
    }
  }

  #pictureChanged(what) {
    if (what === "frame") this.drawn = true;
    if (what === "mask" || !what) this.repaintMask();
    this.redraw();
  }

  #tell(dropped, time) {
    if (dropped) performance.mark("photodrag-release", { startTime: time });
    this.emit("points", { points: this.points, dropped });
  }

  #nudge(id, end, [across, down]) {
    const point = this.points.find((one) => one.id === id);
    if (!point?.[end] || this.state.locked) return;
    point[end] = this.view.clamp([point[end][0] + across, point[end][1] + down]);
    if (end === "handle") point.landmark = null;
    this.select(id);
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.#tell(true, performance.now()), SETTLED);
  }

  #key(event) {
    if (event.target !== this.root || !this.state.view || event.ctrlKey || event.metaKey) return;
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const arrow = arrows[event.key];
    if (arrow) {
      const far = (event.shiftKey ? 40 : 8) / this.view.scale;
      const from = this.crosshair ?? this.view.toPlace(this.view.stage.map((side) => side / 2));
      this.#aim(this.view.clamp([from[0] + arrow[0] * far, from[1] + arrow[1] * far]));
    } else if (this.crosshair && (event.key === "Enter" || event.key === " ")) {
      const place = this.crosshair;
      this.tools.press(place);
      this.#aim(place);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #aim(place) {
    this.crosshair = place;
    this.redraw();
  }

  // Whether another face is chosen now. Of several, the first is begun while all can still be seen
  // and picked; then the photo stays where it is if the person does something with it already.
  #comesCloser(state, last) {
    const goal = goalOf(state);
    if (goal === null || goal === goalOf(last)) return false;
    const set = this.tools.held || this.points.length || this.strokes.length;
    return !(last.picking && (set || !this.view.fitted));
  }

  #approach() {
    const face = this.state.faces.find((one) => one.number === this.state.face);
    if (face) this.view.show(face.box);
    this.redraw();
  }

  #resize() {
    this.view.resize([Math.max(1, this.root.clientWidth), Math.max(1, this.root.clientHeight)]);
    this.redraw();
  }
}

// The face that the photo is shown for, as a text; null while there is none, or one of several.
function goalOf(state) {
  const face = state.faces.find((one) => one.number === state.face);
  return state.picking || !face ? null : `${face.number}: ${face.box}`;
}

function isDark() {
  return document.body.classList.contains("body--dark");
}
