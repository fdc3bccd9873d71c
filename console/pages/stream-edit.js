// Adding a stream, and changing one. The address is tried at once, and what analytics take is asked as their schemas say.
import { h, icon, put } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { all, get, post, replace } from "../lib/api.js";
import { may, owns } from "../lib/session.js";
import { nameOf } from "../lib/condition.js";
import { bodyOf } from "../lib/stream-body.js";
import { ProbeView } from "../parts/probe.js";
import { AnalyticsForm } from "../parts/analytics-form.js";
import { check, field, segments, select } from "../parts/fields.js";
import { note } from "../parts/shell.js";

const SAMPLE = "lobby.mp4";
const PLACES = ["city", "area", "district", "street", "house_number"];
const ADDRESS = /^(rtsps?|https?):\/\/./i;
/** A path, or a film on a server. All else is live. */
const FILM = /^(?!\/dev\/)(?![a-z]+:\/\/)|^(file:|https?:.*\.(mp4|m4v|mkv|webm|mov|avi|ts|flv)([?#]|$))/i;

export async function show(view, page) {
  const { id, isFirst } = page.address;
  const options = { signal: page.signal };
  const [stream, { analytics }, groups, handlers] = await Promise.all([
    id ? get(`/6/streams/${id}`, options) : null,
    get("/6/analytics?page_size=1000&order=asc", options),
    may("video_group") ? all("/6/groups", "groups", options) : [],
    may("handler") ? get("/6/handlers?handler_type=0&page_size=1000", options) : [],
  ]);
  new EditPage(view, page, { stream, catalogue: analytics, groups, handlers: handlers.filter(owns), isFirst });
}

class EditPage {
  constructor(view, page, { stream, catalogue, groups, handlers, isFirst }) {
    Object.assign(this, { page, stream, isFirst });
    const body = this.before = stream ? bodyOf(stream) : { name: "", data: { type: "stream", reference: "" }, analytics: [] };
    this.probe = new ProbeView(page);
    this.type = body.data.type;
    this.isTypeChosen = Boolean(stream);
    this.build(body, groups);
    this.analytics = new AnalyticsForm(catalogue, body.analytics, () => this.still(), () => this.trySoon(1500), handlers);
    this.problem = h("p", { class: "form-error", role: "alert" });
    const sample = isFirst ? this.sampleOffer() : null;
    const form = h("form", { class: "edit-form", novalidate: true, onsubmit: (event) => { event.preventDefault(); this.submit(); } },
      sample,
      h("section", { class: "card stack" }, h("h2", {}, t("edit.camera")), this.address, this.kind, this.login, this.name),
      this.analytics.node,
      h("section", { class: "card stack" }, h("h2", {}, t("stream.privacy")), h("p", { class: "help" }, t("edit.privacy-help")), this.privacyNode),
      h("details", { class: "card" }, h("summary", {}, t("edit.more")), h("div", { class: "stack details-body" }, this.description, this.group, h("div", { class: "row" }, this.rotation, this.times, this.start), this.whole, this.restart,
        h("fieldset", { class: "group" }, h("legend", { class: "legend" }, t("stream.location")), h("div", { class: "row" }, PLACES.map((place) => this.places[place]))))),
      this.problem,
      h("div", { class: "actions" }, this.save = h("button", { class: "primary", type: "submit" }, t(stream ? "edit.save" : "edit.add")), h("a", { class: "button plain", href: stream ? `#/streams/${stream.stream_id}` : "#/streams" }, t("action.cancel"))));
    put(view,
      h("header", { class: "page-head" }, h("div", {}, isFirst ? null : h("a", { class: "back", href: stream ? `#/streams/${stream.stream_id}` : "#/streams" }, icon("left"), stream ? nameOf(stream) : t("nav.streams")),
        h("h1", {}, stream ? t("edit.title-change", { name: nameOf(stream) }) : isFirst ? t("edit.title-first") : t("edit.title-new")), isFirst ? h("p", { class: "summary" }, t("edit.first-words")) : null)),
      h("div", { class: "edit-grid" }, form, h("aside", { class: "edit-aside" }, this.probe.node, this.tryButton)));
    if (stream) this.probe.tryIt({ stream_id: stream.stream_id });
    else setTimeout(() => { if (!page.isOver) this.address.control.focus(); });
  }

  build({ name, description, data, location, privacy, autorestart }, groups) {
    const wait = () => this.trySoon(900);
    this.address = field(t("stream.address"), h("input", { type: "text", inputmode: "url", name: "reference", maxlength: 512, value: data.reference, spellcheck: "false", autocapitalize: "none", autocomplete: "off", placeholder: "rtsp://192.168.1.20/stream1", oninput: () => { this.guessType(); wait(); } }), t("edit.address-help"));
    this.kind = h("div", { class: "field" }, h("p", { class: "legend" }, t("stream.type")), this.kinds = segments(t("stream.type"), [["stream", t("stream.type.stream")], ["videofile", t("stream.type.videofile")]], this.type, (type) => { this.type = type; this.isTypeChosen = true; wait(); }));
    const known = data.authorization;
    this.loginName = field(t("edit.login"), h("input", { type: "text", autocomplete: "off", maxlength: 128, value: known?.login ?? "", oninput: wait }));
    this.password = field(t("sign-in.password"), h("input", { type: "password", autocomplete: "new-password", maxlength: 128, value: known?.password ?? "", oninput: wait }), known ? t("edit.password-kept") : null);
    this.login = h("details", { open: Boolean(known) }, h("summary", {}, t("edit.wants-login")), h("div", { class: "row details-body" }, this.loginName, this.password));
    this.name = field(t("edit.name"), h("input", { type: "text", name: "name", maxlength: 128, value: name, placeholder: t("edit.name-example") }));
    this.description = field(t("edit.description"), h("textarea", { maxlength: 512, value: description ?? "" }));
    const inGroups = this.stream?.groups ?? [];
    this.group = field(t("streams.group"), select({}, [["", inGroups.length > 1 ? inGroups.join(", ") : t("edit.no-group")], ...groups.map(({ group_name: one }) => [one, one])], inGroups.length === 1 ? inGroups[0] : ""));
    this.groupBefore = this.group.control.value;
    this.rotation = field(t("edit.rotation"), select({ onchange: wait }, [0, 90, 180, 270].map((angle) => [angle, `${angle}°`]), data.rotation ?? 0));
    this.times = field(t("edit.times"), select({}, ["auto", "pts", "server", "frame_rate"].map((source) => [source, t(`edit.times.${source}`)]), data.timestamp_source ?? "auto"));
    this.start = field(t("edit.start"), h("input", { type: "number", min: 0, step: "any", value: data.pts?.start_time ?? 0 }));
    this.isWhole = data.downloadable ?? false;
    this.whole = check(t("edit.downloadable"), this.isWhole, (event) => { this.isWhole = event.target.checked; });
    this.restarts = autorestart ? autorestart.restart === 1 : true;
    this.attempts = field(t("edit.attempts"), h("input", { type: "number", min: 1, step: 1, value: autorestart?.attempt_count ?? 10 }));
    this.delay = field(t("edit.delay"), h("input", { type: "number", min: 1, step: 1, value: autorestart?.delay ?? 60 }));
    this.restart = h("fieldset", { class: "group" }, h("legend", { class: "legend" }, t("stream.autorestart")), check(t("edit.restart"), this.restarts, (event) => { this.restarts = event.target.checked; }), h("div", { class: "row" }, this.attempts, this.delay));
    this.places = Object.fromEntries(PLACES.map((place) => [place, field(t(`edit.place.${place}`), h("input", { type: "text", maxlength: 36, value: location?.[place] ?? "" }))]));
    this.geo = location?.geo_position ?? null;
    this.mode = privacy?.mode ?? "none";
    this.method = field(t("edit.method"), select({ onchange: wait }, ["blur", "mosaic", "mask"].map((method) => [method, t(`method.${method}`)]), privacy?.method ?? "blur"));
    const showMethod = () => { this.method.hidden = !["faces", "people"].includes(this.mode); };
    this.privacyNode = h("div", { class: "stack" }, segments(t("stream.privacy"), ["none", "faces", "people", "counts_only"].map((mode) => [mode, t(`privacy.${mode}`)]), this.mode, (mode) => { this.mode = mode; showMethod(); wait(); }), this.method);
    showMethod();
    this.tryButton = h("button", { type: "button", onclick: () => this.tryNow() }, t("edit.try"));
  }

  /** The sample is offered where the daemon may read it, which trying it tells. */
  sampleOffer() {
    const card = h("section", { class: "card sample", hidden: true }, h("div", {}, h("h2", {}, t("edit.sample")), h("p", { class: "quiet" }, t("edit.sample-words"))),
      h("button", { type: "button", class: "use-sample", onclick: () => {
        this.address.control.value = SAMPLE;
        this.guessType();
        this.chooseType("stream");
        if (!this.name.control.value) this.name.control.value = t("edit.sample-name");
        this.tryNow();
      } }, t("edit.use-sample")));
    post("/6/streams/probe", { data: { type: "videofile", reference: SAMPLE } }, { signal: this.page.signal, quiet: true }).then((report) => { card.hidden = report.status !== "opened"; }, () => null);
    return card;
  }

  /** Who has chosen is not overruled. */
  guessType() {
    if (this.isTypeChosen) return;
    const address = this.address.control.value.trim();
    this.chooseType(address && FILM.test(address) ? "videofile" : "stream");
  }

  chooseType(type) {
    this.type = type;
    for (const [index, button] of [...this.kinds.children].entries()) button.setAttribute("aria-pressed", String(["stream", "videofile"][index] === type));
  }

  data() {
    const reference = this.address.control.value.trim();
    const data = { type: this.type, reference, rotation: Number(this.rotation.control.value), timestamp_source: this.times.control.value, downloadable: this.isWhole, pts: { start_time: Number(this.start.control.value) || 0 } };
    if (this.loginName.control.value && ADDRESS.test(reference)) data.authorization = { login: this.loginName.control.value, password: this.password.control.value };
    return data;
  }

  privacy() { return this.mode === "none" ? undefined : this.mode === "counts_only" ? { mode: this.mode } : { mode: this.mode, method: this.method.control.value }; }

  trySoon(pause) {
    clearTimeout(this.timer);
    if (this.address.control.value.trim().length < 4) return;
    this.timer = setTimeout(() => { if (!this.page.isOver) this.tryNow(); }, pause);
  }

  /** Tries what stands in the form. Secrets that the daemon hides are its own, so an address unchanged is tried as the stream has it. */
  async tryNow() {
    clearTimeout(this.timer);
    const data = this.data();
    if (!data.reference) return;
    const isKept = JSON.stringify(data).includes("***");
    const body = isKept ? { stream_id: this.stream?.stream_id } : { data, privacy: this.privacy() ?? null };
    if (!isKept) { const analytics = this.analytics.read(); if (analytics.length) body.analytics = analytics; }
    await this.probe.tryIt(body);
  }

  /** What regions are drawn on: the picture of the last try, else the stream's latest. */
  async still() {
    if (!this.probe.picture && this.address.control.value.trim()) await this.tryNow();
    return { address: this.probe.picture, size: this.probe.size };
  }

  body() {
    const body = { name: this.name.control.value.trim(), description: this.description.control.value, data: this.data(), analytics: this.analytics.read(),
      autorestart: { restart: this.restarts ? 1 : 0, attempt_count: Number(this.attempts.control.value) || 10, delay: Number(this.delay.control.value) || 60 },
      location: { ...Object.fromEntries(PLACES.map((place) => [place, this.places[place].control.value.trim() || null])), geo_position: this.geo } };
    const privacy = this.privacy();
    if (privacy) body.privacy = privacy;
    if (this.group.control.value && this.group.control.value !== this.groupBefore) body.group_name = this.group.control.value;
    return body;
  }

  async submit() {
    this.problem.textContent = "";
    for (const part of [this.address, this.name]) part.fail("");
    if (!this.address.control.value.trim()) { this.address.fail(t("edit.address-missing")); return this.address.control.focus(); }
    this.save.disabled = true;
    try {
      const body = this.body();
      const { stream_id: id } = this.stream ? await replace(`/6/streams/${this.stream.stream_id}`, body) : await post("/6/streams", body);
      note(t(this.stream ? "edit.saved" : "edit.added"));
      location.hash = `#/streams/${id}`;
    } catch (error) {
      this.save.disabled = false;
      this.refused(error);
    }
  }

  /** Shows an error at the field that it names: `Path: 'analytics.0.parameters.…', message: '…'`. */
  refused(error) {
    const [, path, words] = /Path: '([^']*)', message: '(.*)'/s.exec(error.message ?? "") ?? [];
    const [first, ...rest] = (path ?? "").split(".");
    if (first === "data" && ["reference", "authorization"].includes(rest[0])) { this.address.fail(words); return this.address.control.focus(); }
    if (first === "name") { this.name.fail(words); return this.name.control.focus(); }
    if (first === "analytics" && this.analytics.fail(rest, words)) return;
    this.problem.textContent = error.message || t("connection.none");
  }
}
