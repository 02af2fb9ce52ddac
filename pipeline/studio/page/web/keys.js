// Keys that work anywhere in the page, but not where text is typed or a dialog is open.

const KEYS = {
  v: ["tool", "move"],
  p: ["tool", "points"],
  b: ["tool", "brush"],
  e: ["tool", "eraser"],
  "[": ["brush", -4],
  "]": ["brush", 4],
  ",": ["brush", -4], // where brackets need AltGr
  ".": ["brush", 4],
  r: ["act", "run"],
  k: ["act", "pause"],
  n: ["act", "new"],
  s: ["act", "snap"],
  c: ["act", "split"],
  "?": ["act", "keys"],
  "+": ["zoom", "in"],
  "=": ["zoom", "in"],
  "-": ["zoom", "out"],
  0: ["zoom", "fit"],
  1: ["zoom", "face"],
};
const WITH_CONTROL = {
  z: ["act", "undo"],
  y: ["act", "redo"],
  s: ["act", "save"],
  o: ["open", "any"],
};

export class Keys {
  // acts: {tool, brush, act, zoom, open, before(on), pan(on)}
  constructor(acts) {
    this.acts = acts;
    this.down = (event) => this.#down(event);
    this.up = (event) => this.#up(event);
    this.away = () => acts.before(false);
    document.addEventListener("keydown", this.down);
    document.addEventListener("keyup", this.up);
    window.addEventListener("blur", this.away);
  }

  close() {
    document.removeEventListener("keydown", this.down);
    document.removeEventListener("keyup", this.up);
    window.removeEventListener("blur", this.away);
  }

  #down(event) {
    if (event.defaultPrevented || isTyping(event.target)) return;
    if (document.querySelector(".q-dialog, .q-menu")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.metaKey) {
      const found = WITH_CONTROL[key];
      if (!found) return;
      event.preventDefault();
      if (event.repeat) return;
      if (key === "z" && event.shiftKey) this.acts.act("redo");
      else this.acts[found[0]](found[1]);
      return;
    }
    if (event.altKey) return;
    if (key === "x") this.acts.before(true);
    else if (key === "Escape") this.acts.act("stop");
    else if (key === " " && isFree(event.target)) this.acts.pan(true);
    else if (KEYS[key] && !(event.repeat && KEYS[key][0] === "act")) this.acts[KEYS[key][0]](KEYS[key][1]);
    else return;
    event.preventDefault();
  }

  #up(event) {
    if (event.key.toLowerCase() === "x") this.acts.before(false);
    if (event.key === " ") this.acts.pan(false);
  }
}

function isFree(target) {
  return target === document.body || target.classList.contains("pd-stage");
}

function isTyping(target) {
  return Boolean(target.closest?.("input:not([type=range]), textarea, select"));
}
