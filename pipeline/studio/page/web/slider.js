// A row with a name, a slider and its number: the browser's own slider, which keys and screen
// readers know. `moved` comes while it is moved, `released` when it is let go.

export default {
  props: {
    name: String, title: String, unit: String, value: Number, least: Number, most: Number,
    step: Number, disabled: Boolean, signed: Boolean,
  },
  emits: ["moved", "released"],
  data() {
    return { shown: this.value };
  },
  watch: {
    value(value) {
      this.shown = value;
    },
  },
  computed: {
    text() {
      const plus = this.signed && this.shown > 0 ? "+" : "";
      return plus + this.shown.toLocaleString("en", { maximumFractionDigits: 2 }) + this.unit;
    },
  },
  methods: {
    release(value) {
      this.shown = value;
      this.$emit("moved", value);
      this.$emit("released", value);
    },
  },
  render() {
    const share = ((this.shown - this.least) / (this.most - this.least)) * 100;
    const zero = ((Math.max(0, this.least) - this.least) / (this.most - this.least)) * 100;
    const slider = Vue.h("input", {
      type: "range",
      class: "pd-range",
      min: this.least,
      max: this.most,
      step: this.step,
      value: this.shown,
      disabled: this.disabled,
      title: this.title,
      "aria-label": this.name + (this.title ? `: ${this.title}` : ""),
      "aria-valuetext": this.text,
      style: { "--from": `${Math.min(share, zero)}%`, "--to": `${Math.max(share, zero)}%` },
      onInput: (event) => {
        this.shown = Number(event.target.value);
        this.$emit("moved", this.shown);
      },
      onChange: (event) => this.release(Number(event.target.value)),
      onDblclick: () => this.least < 0 && this.release(0),
    });
    return Vue.h("div", { class: "pd-slider-row" }, [
      Vue.h("span", { class: "pd-slider-name", "aria-hidden": "true" }, this.name),
      slider,
      Vue.h("span", { class: "pd-value", "aria-hidden": "true" }, this.text),
    ]);
  },
};
