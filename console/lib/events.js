// Events of both kinds in one form: crowds, which count people, and persons, of whom each is about one.
import { get, ownPicture } from "./api.js";
import { t } from "./messages.js";

/** A general event as it is found, in the one form. */
export const crowd = ({ event, event_type, account_id, event_create_time, event_end_time }) => ({
  id: event.event_id, kind: "crowd", type: event_type, account: account_id, stream: event.stream_id ?? null, source: null,
  begin: event_create_time, end: event_end_time, people: event.people_count ?? null, picture: event.overview?.image ?? null, track: event.track_id ?? null, raw: event,
});

/** A stored event of a handler, in the one form. */
export function person(event) {
  const shot = event.body_detections?.[0] ?? event.face_detections?.[0];
  return {
    id: event.event_id, kind: "person", type: "human_tracking", account: event.account_id, stream: event.stream_id, source: event.source,
    begin: event.create_time, end: event.end_time, people: null, track: event.track_id, raw: event,
    picture: shot?.image_origin ?? sample(event.body_detections, "bodies") ?? sample(event.face_detections, "faces"),
  };
}

/** An event as a handler answers with it, as far as it tells who somebody is, in the form of a stored one. */
export const generated = (event) => ({
  id: event.event_id, kind: "person",
  raw: { match_result: event.matches, face_id: event.face?.face_id ?? null, attach_result: event.face?.lists ?? [], face_detections: event.detections.map(({ samples }) => ({ sample_id: samples.face?.sample_id ?? null })) },
});

const sample = (detections, kind) => {
  const found = detections?.find(({ sample_id }) => sample_id);
  return found ? `/6/samples/${kind}/${found.sample_id}` : null;
};

/** An event by its id, or null. With `kind`, one of that kind; else both are looked through. */
export async function findEvent(id, options, kind = null) {
  const ask = async (path, form) => (await get(`${path}?event_ids=${id}`, options)).events.map(form);
  const found = await Promise.all([kind === "person" ? [] : ask("/6/general/events", crowd), kind === "crowd" ? [] : ask("/6/events", person)]);
  return found.flat()[0] ?? null;
}

export const pictureOf = (event) => ownPicture(event.picture);

export const titleOf = (event) => (event.kind === "crowd" && event.people !== null ? t("event.crowd", { n: event.people }) : event.kind === "crowd" ? event.type : t("event.person"));
