// What changes many times a second, apart from the canvas and its many properties: it hands each
// value on, and shows nothing itself.

export const LIVE = "photodrag-live";

export default {
  props: { live: Object },
  render() {
    return Vue.h("span", { hidden: true });
  },
  mounted() {
    const tell = (live) => {
      const detail = JSON.parse(JSON.stringify(live ?? {})); // without Vue's proxies
      document.dispatchEvent(new CustomEvent(LIVE, { detail }));
    };
    tell(this.live);
    this.$watch("live", tell);
  },
};
