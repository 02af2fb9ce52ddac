// What lies on the photo and can be reached by keyboard: faces, handles, targets.

const SVG = "http://www.w3.org/2000/svg";
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Markers {
  // acts: {chooseFace(number), nudge(id, end, by), remove(id)}
  constructor(view, acts) {
    this.view = view;
    this.acts = acts;
    this.layer = element("div", "pd-markers");
    this.lines = document.createElementNS(SVG, "svg");
    this.lines.setAttribute("class", "pd-lines");
    this.lines.setAttribute("aria-hidden", "true");
    this.layer.append(this.lines);
    this.buttons = new Map();
    this.layer.addEventListener("keydown", (event) => this.#key(event));
    this.layer.addEventListener("click", (event) => {
      const face = event.target.closest(".pd-face");
      if (face) this.acts.chooseFace(Number(face.dataset.face));
    });
  }

  // state: faces, face, points, landmarks to show, handles as they move, selected point
  draw(state) {
    const kept = new Set();
    if (state.picking) {
      for (const face of state.faces) this.#face(kept, face, state);
    }
    state.points.forEach((point, index) => {
      const name = point.landmark ? ` at ${words(point.landmark)}` : "";
      this.#end(kept, point, "handle", `Point ${index + 1}, handle${name}`, index + 1, state);
      if (point.target) this.#end(kept, point, "target", `Point ${index + 1}, target`, "", state);
    });
    for (const [key, button] of this.buttons) {
      if (!kept.has(key)) {
        button.remove();
        this.buttons.delete(key);
      }
    }
    this.#drawLines(state);
  }

  focus(id, end) {
    this.buttons.get(`${end}-${id}`)?.focus({ preventScroll: true });
  }

  #button(kept, key, className) {
    kept.add(key);
    let button = this.buttons.get(key);
    if (!button) {
      button = element("button", className);
      button.type = "button";
      this.buttons.set(key, button);
      this.layer.append(button);
    }
    return button;
  }

  #face(kept, face, state) {
    const button = this.#button(kept, `face-${face.number}`, "pd-face");
    const [left, top] = this.view.toSpot([face.box[0] - 0.5, face.box[1] - 0.5]);
    const [right, bottom] = this.view.toSpot([face.box[2] - 0.5, face.box[3] - 0.5]);
    Object.assign(button.style, {
      transform: `translate(${left}px, ${top}px)`,
      width: `${right - left}px`,
      height: `${bottom - top}px`,
    });
    button.dataset.face = face.number;
    const chosen = face.number === state.face;
    button.classList.toggle("pd-chosen", chosen); // the pointer goes through: it places points
    button.dataset.ownPointer = "";
    button.setAttribute("aria-pressed", String(chosen));
    button.setAttribute("aria-label", `Face ${face.number} of ${state.faces.length}: edit this one`);
    if (!button.firstChild) button.append(element("span", "pd-number", face.number));
  }

  #end(kept, point, end, label, text, state) {
    const button = this.#button(kept, `${end}-${point.id}`, `pd-${end}`);
    const [x, y] = point[end];
    const [left, top] = this.view.toSpot([x, y]);
    button.style.transform = `translate(${left}px, ${top}px)`;
    button.dataset.point = point.id;
    button.dataset.end = end;
    button.textContent = text;
    button.classList.toggle("pd-selected", state.selected === point.id);
    button.disabled = state.locked;
    const place = `${Math.round(x)}, ${Math.round(y)}`;
    button.setAttribute("aria-label", `${label}, at ${place}. Arrow keys move, Delete removes it.`);
  }

  #drawLines(state) {
    const parts = [];
    for (const place of state.landmarks) {
      const [x, y] = this.view.toSpot(place);
      parts.push(["circle", { class: "pd-landmark", cx: x, cy: y, r: 1.8 }]);
    }
    state.points.forEach((point, index) => {
      if (!point.target) return;
      const from = this.view.toSpot(point.handle);
      const to = this.view.toSpot(point.target);
      parts.push(...arrow(from, to));
      const now = state.handles[index];
      if (now) {
        const [x, y] = this.view.toSpot(now);
        parts.push(["circle", { class: "pd-moving", cx: x, cy: y, r: 5 }]);
      }
    });
    if (state.crosshair) {
      const [x, y] = this.view.toSpot(state.crosshair);
      const cross = `M${x - 14},${y}h10m8,0h10M${x},${y - 14}v10m0,8v10`;
      parts.push(["path", { class: "pd-under", d: cross }], ["path", { class: "pd-cross", d: cross }]);
    }
    if (state.brush) {
      const [x, y] = state.brush.spot;
      const r = state.brush.radius;
      parts.push(["circle", { class: "pd-under", cx: x, cy: y, r }]);
      parts.push(["circle", { class: "pd-brush", cx: x, cy: y, r }]);
    }
    this.lines.replaceChildren(
      ...parts.map(([name, attributes]) => {
        const part = document.createElementNS(SVG, name);
        for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
        return part;
      }),
    );
  }

  #key(event) {
    const { point, end } = event.target.dataset;
    if (!point) return;
    const step = STEPS[event.key];
    if (step) {
      const far = event.shiftKey ? 10 : event.altKey ? 0.25 : 1;
      this.acts.nudge(Number(point), end, [step[0] * far, step[1] * far]);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.acts.remove(Number(point));
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}

function arrow([x0, y0], [x1, y1]) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 6) return [];
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const begin = [x0, y0];
  const tip = [x1 - ux * 5, y1 - uy * 5];
  const wing = (side) => [
    tip[0] - ux * 7 + side * uy * 5,
    tip[1] - uy * 7 - side * ux * 5,
  ];
  const d = `M${begin}L${tip}M${wing(1)}L${tip}L${wing(-1)}`;
  return [["path", { class: "pd-under", d }], ["path", { class: "pd-arrow", d }]];
}

export function words(name) {
  return /^\d+$/.test(name) ? `landmark ${name}` : name.replaceAll("_", " ");
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
