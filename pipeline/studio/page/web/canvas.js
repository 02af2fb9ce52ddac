// The component that the page uses. Its properties: `state` (see stage.js), and `files`, the address
// that takes files; live.js hands on what follows a run. All that it tells comes as one event, `told`.

import { Files } from "/studio/web/files.js";
import { Keys } from "/studio/web/keys.js";
import { LIVE } from "/studio/web/live.js";
import { Stage } from "/studio/web/stage.js";

export default {
  props: { state: Object, files: String, label: String },
  emits: ["told"],
  render() {
    return Vue.h("div", { class: "pd-stage", role: "application", "aria-label": this.label });
  },
  mounted() {
    const tell = (name, value) => this.$emit("told", { name, value });
    const stage = new Stage(this.$el, tell);
    const files = new Files(this.files, tell);
    const keys = new Keys({
      tool: (name) => tell("tool", name),
      brush: (by) => tell("brush", by),
      act: (name) => tell("act", name),
      zoom: (how) => stage.zoom(how),
      open: () => files.choose(),
      before: (on) => stage.holdBefore(on),
      pan: (on) => (stage.gestures.panning = on),
    });
    const helper = new Helper(stage, files);
    this.parts = { stage, files, keys, helper };
    stage.show(plain(this.state));
    this.$watch("state", (state) => stage.show(plain(state)));
    this.hear = (event) => stage.follow(event.detail);
    document.addEventListener(LIVE, this.hear);
  },
  unmounted() {
    document.removeEventListener(LIVE, this.hear);
    for (const part of Object.values(this.parts ?? {})) part.close();
  },
};

// Without the proxies that Vue puts around what it watches.
function plain(value) {
  return JSON.parse(JSON.stringify(value ?? {}));
}

// Buttons elsewhere in the page that must act at once, without asking the studio:
// data-open="image/*", data-zoom="in", data-hold-before, data-copy="the id of an element".
class Helper {
  constructor(stage, files) {
    this.stage = stage;
    this.files = files;
    const held = (event) => event.target.closest?.("[data-hold-before]");
    this.listeners = [
      ["click", (event) => this.#click(event)],
      ["pointerdown", (event) => held(event) && stage.holdBefore(true)],
      ["pointerup", () => stage.holdBefore(false)],
      ["pointercancel", () => stage.holdBefore(false)],
      ["keydown", (event) => held(event) && " Enter".includes(event.key) && stage.holdBefore(true)],
      ["keyup", (event) => held(event) && stage.holdBefore(false)],
      ["contextmenu", (event) => held(event) && event.preventDefault()],
    ];
    for (const [name, listener] of this.listeners) document.addEventListener(name, listener);
  }

  close() {
    for (const [name, listener] of this.listeners) document.removeEventListener(name, listener);
  }

  #click(event) {
    const button = event.target.closest?.("[data-open], [data-zoom], [data-copy], [data-remove]");
    if (!button) return;
    const { open, zoom, copy, remove } = button.dataset;
    if (open !== undefined) this.files.choose(open);
    if (zoom) this.stage.zoom(zoom);
    if (copy) this.#copy(document.getElementById(copy), button);
    if (remove) this.stage.remove(Number(remove));
  }

  async #copy(source, button) {
    const text = source.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      getSelection().selectAllChildren(source); // no clipboard here: select it, to be copied by hand
      return;
    }
    button.classList.add("pd-copied");
    setTimeout(() => button.classList.remove("pd-copied"), 1500);
  }
}
