// Before on the left, after on the right: a line to push.

export class Split {
  constructor(view, changed) {
    this.view = view;
    this.changed = changed;
    this.share = null;
    this.handle = document.createElement("div");
    Object.assign(this.handle, { className: "pd-split", tabIndex: 0, hidden: true });
    this.handle.dataset.ownPointer = "";
    for (const [name, value] of [
      ["role", "slider"],
      ["aria-label", "Before on the left, after on the right"],
      ["aria-valuemin", "0"],
      ["aria-valuemax", "100"],
    ]) {
      this.handle.setAttribute(name, value);
    }
    this.handle.addEventListener("pointerdown", (event) => {
      this.handle.setPointerCapture(event.pointerId);
      event.stopPropagation();
    });
    this.handle.addEventListener("pointermove", (event) => {
      if (!this.handle.hasPointerCapture(event.pointerId)) return;
      const box = this.handle.parentElement.getBoundingClientRect();
      const across = event.clientX - box.left - this.view.left;
      this.#set(across / (this.view.photo[0] * this.view.scale));
    });
    this.handle.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: -0.2, PageUp: 0.2 }[event.key];
      if (by === undefined) return;
      this.#set(this.share + by);
      event.preventDefault();
      event.stopPropagation();
    });
  }

  show(on) {
    if (!on) this.share = null;
    else this.share ??= 0.5;
    this.handle.hidden = this.share === null;
  }

  place() {
    if (this.share === null) return;
    const { left, photo, scale, stage } = this.view;
    const across = Math.min(Math.max(left + photo[0] * scale * this.share, 0), stage[0]);
    this.handle.style.transform = `translateX(${across}px)`;
    this.handle.setAttribute("aria-valuenow", String(Math.round(this.share * 100)));
  }

  #set(share) {
    this.share = Math.min(Math.max(share, 0), 1);
    this.changed();
  }
}
