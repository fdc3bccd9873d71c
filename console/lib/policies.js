// What a handler's policies say, as the form for the common case shows it: somebody is compared with a list, tagged, and kept.
// What the form does not know stays as it is.

/** Switches of `detect_policy` and `extract_policy` that the form offers. */
export const ESTIMATES = ["estimate_head_pose", "estimate_quality", "estimate_emotions", "estimate_gaze", "estimate_eyes_attributes", "estimate_mouth_attributes"];
/** On whom a part acts. */
export const WHO = ["all", "known", "unknown", "none"];
const LABEL = 36;

/** What the form begins with. */
export const emptyForm = () => ({ list: "", label: "", similarity: 0.9, tagKnown: "", tagUnknown: "", events: "all", samples: true, ttl: null, origin: false, faces: "none", onList: "", attributes: false, estimates: [], notify: true });

/** The label of a match that is given none: the list's name, as far as it fits. */
export const labelOf = (name) => [...name].slice(0, LABEL).join("");

/** What a form says. `policies` are those that it is read from; null of a handler that has none of its own. */
export function formOf(policies) {
  const form = emptyForm();
  const { detect_policy: detect = {}, extract_policy: extract = {}, match_policy: [match] = [], conditional_tags_policy: tags = [], storage_policy: storage = {} } = policies ?? {};
  const bounds = [...tags.map(({ filters }) => filters), ...["event_policy", "face_policy"].map((name) => storage[name]?.filters)].flatMap((filters) => filters?.match ?? []);
  form.list = match?.candidates?.list_id ?? "";
  form.label = match?.label ?? "";
  form.similarity = bounds.map((one) => one.similarity__gte ?? one.similarity__lte).find((value) => typeof value === "number") ?? form.similarity;
  form.tagKnown = tags.find(({ filters }) => whoOf(filters) === "known")?.tag ?? "";
  form.tagUnknown = tags.find(({ filters }) => whoOf(filters) === "unknown")?.tag ?? "";
  const acts = (part, name, standard) => ((part?.[name] ?? standard) ? whoOf(part?.filters) : "none");
  form.events = acts(storage.event_policy, "store_event", 1);
  form.samples = Boolean(storage.face_sample_policy?.store_sample ?? 1);
  form.ttl = storage.face_sample_policy?.ttl ?? null;
  form.origin = Boolean(storage.image_origin_policy?.store_image ?? 0);
  form.faces = acts(storage.face_policy, "store_face", 0);
  form.onList = storage.face_policy?.link_to_lists_policy?.[0]?.list_id ?? "";
  form.attributes = Boolean(extract.extract_basic_attributes ?? 0);
  form.estimates = ESTIMATES.filter((name) => detect[name]);
  form.notify = Boolean(storage.notification_policy?.send_notification ?? 1);
  return form;
}

const whoOf = (filters) => (filters?.match?.[0]?.similarity__gte !== undefined ? "known" : filters?.match?.[0]?.similarity__lte !== undefined ? "unknown" : "all");

/** The policies that a form means, with all that `policies` say besides. */
export function policiesOf(form, policies) {
  const whole = structuredClone(policies ?? {}), label = form.label;
  const filters = (who) => (form.list && who === "known" ? { match: [{ label, similarity__gte: form.similarity }] } : form.list && who === "unknown" ? { match: [{ label, similarity__lte: form.similarity }] } : {});
  const set = (part, members) => ({ ...part, ...members });
  whole.detect_policy = set(whole.detect_policy, Object.fromEntries(ESTIMATES.map((name) => [name, form.estimates.includes(name) ? 1 : 0])));
  whole.extract_policy = set(whole.extract_policy, { extract_basic_attributes: form.attributes ? 1 : 0 });
  whole.match_policy = form.list ? [{ ...whole.match_policy?.[0], label, candidates: { origin: "faces", list_id: form.list } }] : [];
  whole.conditional_tags_policy = form.list ? [["known", form.tagKnown], ["unknown", form.tagUnknown]].filter(([, tag]) => tag).map(([who, tag]) => ({ tag, filters: filters(who) })) : [];
  const storage = whole.storage_policy = { ...whole.storage_policy };
  storage.event_policy = set(storage.event_policy, { store_event: form.events === "none" ? 0 : 1, filters: filters(form.events) });
  storage.face_sample_policy = set(storage.face_sample_policy, { store_sample: form.samples ? 1 : 0, ttl: form.ttl });
  storage.image_origin_policy = set(storage.image_origin_policy, { store_image: form.origin ? 1 : 0 });
  storage.face_policy = set(storage.face_policy, { store_face: form.faces === "none" ? 0 : 1, filters: filters(form.faces), link_to_lists_policy: form.onList ? [{ list_id: form.onList, filters: {} }] : [] });
  storage.notification_policy = set(storage.notification_policy, { send_notification: form.notify ? 1 : 0 });
  return whole;
}

/** Whether the form says all that policies say of its matters; else only their text does. */
export const isWhole = (policies) => canonical(policiesOf(formOf(policies), policies)) === canonical(policies ?? {});

/** A text that is the same for policies that mean the same: members in order, those that say nothing left out. */
function canonical(value) {
  const clean = (one) => {
    if (Array.isArray(one)) return one.map(clean);
    if (one === null || typeof one !== "object") return one;
    const members = Object.entries(one).map(([key, inner]) => [key, clean(inner)]).filter(([, inner]) => inner !== null && !(typeof inner === "object" && !Array.isArray(inner) && Object.keys(inner).length === 0));
    return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return JSON.stringify(clean(value));
}
