// Mouse, pen and fingers: one pointer works, two fingers move and zoom the photo.

export class Gestures {
  // tool: {begin(spot, event), move(spot, event), end(spot, event), cancel()}
  constructor(root, view, tool, moved) {
    this.root = root;
    this.view = view;
    this.tool = tool;
    this.moved = moved;
    this.pointers = new Map();
    this.doing = null; // "tool", "pan", "pinch"
    this.panning = false; // the space bar is held
    root.addEventListener("pointerdown", (event) => this.down(event));
    root.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
      root.addEventListener(name, (event) => this.up(event));
    }
    root.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    root.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  spot(event) {
    const box = this.root.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  down(event) {
    if (event.button > 1 || event.target.closest("[data-own-pointer]")) return;
    const spot = this.spot(event);
    this.pointers.set(event.pointerId, spot);
    this.root.setPointerCapture(event.pointerId);
    if (this.pointers.size === 2) {
      if (this.doing === "tool") this.tool.cancel();
      this.doing = "pinch";
    } else if (this.pointers.size === 1) {
      const pans = event.button === 1 || this.panning || this.tool.name === "move";
      this.doing = pans ? "pan" : "tool";
      if (!pans) this.tool.begin(spot, event);
    }
    if (event.button === 1) event.preventDefault();
  }

  move(event) {
    const last = this.pointers.get(event.pointerId);
    const spot = this.spot(event);
    if (!last) {
      if (event.pointerType !== "touch") this.tool.hover(spot, event);
      return;
    }
    if (this.doing === "pinch") this.#pinch(event.pointerId, last, spot);
    this.pointers.set(event.pointerId, spot);
    if (this.doing === "pan") {
      this.view.pan(spot[0] - last[0], spot[1] - last[1]);
      this.moved();
    } else if (this.doing === "tool") {
      this.tool.move(spot, event);
    }
  }

  up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    if (this.doing === "tool") {
      if (event.type === "pointerup") this.tool.end(this.spot(event), event);
      else this.tool.cancel();
    }
    // the finger that is left after a pinch does nothing until it is lifted, too
    if (this.pointers.size === 0 || this.doing !== "pinch") this.doing = null;
  }

  #pinch(id, last, spot) {
    const other = [...this.pointers].find(([key]) => key !== id)?.[1];
    if (!other) return;
    const length = (one) => Math.hypot(one[0] - other[0], one[1] - other[1]);
    const middle = [(spot[0] + other[0]) / 2, (spot[1] + other[1]) / 2];
    this.view.zoom(length(spot) / Math.max(1, length(last)), middle);
    this.view.pan((spot[0] - last[0]) / 2, (spot[1] - last[1]) / 2);
    this.moved();
  }

  wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 20 : 1;
    if (event.shiftKey) this.view.pan(-event.deltaX * lines - event.deltaY * lines, 0);
    else {
      const speed = event.ctrlKey ? 0.01 : 0.0016; // a pinch on a touchpad comes as small steps
      const factor = Math.exp(-Math.max(-300, Math.min(300, event.deltaY * lines)) * speed);
      this.view.zoom(factor, this.spot(event));
    }
    this.moved();
  }
}
