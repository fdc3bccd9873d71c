// A source tried at once: what was found, in words and as a picture.
import { h, put } from "../lib/dom.js";
import { number, t, tOr } from "../lib/messages.js";
import { APIError, post } from "../lib/api.js";

/** Shows what trying a source gives. `size` and `picture` are those of the last one that opened. */
export class ProbeView {
  constructor(page) {
    this.page = page;
    this.size = null;
    this.picture = null;
    this.report = h("div", { class: "probe", "aria-live": "polite" }, h("p", { class: "quiet" }, t("probe.none")));
    this.image = h("div", { class: "probe-picture" }, h("p", {}, t("probe.picture")));
    this.node = h("div", { class: "stack" }, this.image, this.report);
  }

  /** Tries a source: `body` as `POST /6/streams/probe` takes it. Gives its report, or null when it could not be asked or another try overtook it. */
  async tryIt(body) {
    this.running?.abort();
    const mine = this.running = new AbortController();
    this.page.signal.addEventListener("abort", () => mine.abort(), { once: true });
    put(this.report, h("p", { class: "trying", role: "status" }, h("span", { class: "pulse", "aria-hidden": "true" }), t("probe.trying")));
    try {
      const report = await post("/6/streams/probe", body, { signal: mine.signal });
      this.show(report);
      return report;
    } catch (error) {
      if (error.name === "AbortError") return null;
      put(this.report, h("p", { class: "form-error", role: "alert" }, error.message || t("connection.none")));
      if (!(error instanceof APIError)) return null;
      return null;
    }
  }

  show(report) {
    const { source, cost } = report;
    this.size = source?.video.size ?? null;
    this.picture = report.picture ? `data:image/jpeg;base64,${report.picture}` : null;
    put(this.image, this.picture ? h("img", { src: this.picture, alt: t("probe.picture-alt") }) : h("p", {}, t(report.status === "opened" ? "probe.hidden" : "probe.picture")));
    if (report.status === "failed") {
      put(this.report, h("p", { class: "probe-bad" }, tOr(`probe.stage.${report.stage}`, t("probe.failed"))), h("p", {}, report.error), report.advice ? h("p", { class: "advice" }, report.advice) : null);
      return;
    }
    const { video } = source;
    const rate = video.frame_rate.seen ?? video.frame_rate.told;
    const facts = [
      t("probe.video", { codec: video.codec.toUpperCase(), width: video.size.width, height: video.size.height }),
      rate ? t("probe.rate", { rate: number(rate) }) : null,
      video.bit_rate ? t("probe.bits", { rate: number(video.bit_rate / 1e6, 2) }) : null,
      video.damaged ? t("probe.damaged", { n: video.damaged }) : null,
      cost ? t("probe.cost", { total: number(cost.total, 0), looks: number(cost.looks_per_second) }) : null,
      source.timestamps.clock_offset !== null && Math.abs(source.timestamps.clock_offset) > 5 ? t("probe.clock", { seconds: number(source.timestamps.clock_offset, 0) }) : null,
    ];
    put(this.report, h("p", { class: "probe-good" }, t("probe.opened", { seconds: number(Math.max(0.01, report.time_to_open), report.time_to_open < 0.1 ? 2 : 1) })), h("ul", { class: "plain-list" }, facts.filter(Boolean).map((fact) => h("li", {}, fact))));
  }
}
