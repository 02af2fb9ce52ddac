// A row with a name and a list to choose from: the browser's own, which keys, fingers and screen
// readers know. `options` are pairs of a value and its words; `chosen` tells the value.

export default {
  props: { name: String, title: String, options: Array, value: String, disabled: Boolean },
  emits: ["chosen"],
  render() {
    const options = this.options.map(([value, words]) =>
      Vue.h("option", { value, selected: value === this.value }, words),
    );
    return Vue.h("label", { class: "pd-choice" }, [
      Vue.h("span", { class: "pd-slider-name", "aria-hidden": "true" }, this.name),
      Vue.h(
        "select",
        {
          class: "pd-select",
          "aria-label": this.name,
          title: this.title,
          value: this.value,
          disabled: this.disabled,
          onChange: (event) => this.$emit("chosen", event.target.value),
        },
        options,
      ),
    ]);
  },
};
