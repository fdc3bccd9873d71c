// Faces: what they and their lists are called, which picture stands for one, and how one is found in a picture and looked for.
import { APIError, all, get, ownPicture, post, query, send } from "./api.js";
import { inOrder, t } from "./messages.js";
import { may } from "./session.js";

/** From here on two faces are taken for one person's, as docs/api.md tells. */
export const SAME = 0.9;
/** How many samples may be described at once. */
const AT_ONCE = 8;
/** Seconds for which it is kept what a face in a dropped picture looks like, should this page not come to forget it. */
const LIFETIME = 1800;

export const nameOfFace = (face) => face.user_data || face.external_id || t("faces.unnamed", { id: face.face_id.slice(0, 8) });
export const nameOfList = (list) => list.user_data || t("lists.unnamed", { id: list.list_id.slice(0, 8) });
/** The path of the picture that stands for a face, or null: addresses elsewhere are not asked for. */
export const portraitOf = (face) => {
  const path = ownPicture(face.avatar);
  return path && may(path.startsWith("/6/images/") ? "image" : path.startsWith("/6/samples/faces/") ? "face_sample" : "body_sample") ? path : null;
};

/** Whether this daemon knows people again (`isOn`), can say what a face in a picture looks like (`describes`), and takes handlers (`takesHandlers`). */
export async function recognition(options) {
  const { components } = await get("/6/features", options);
  return { isOn: components.faces, describes: components.face_descriptors, takesHandlers: components.handlers };
}

/** All lists that the caller may see, in the order of their names. */
export const readLists = async (options) => (may("list") ? (await all("/6/lists", "lists", options)).sort((a, b) => inOrder(nameOfList(a), nameOfList(b))) : []);

/** What somebody needs who has faces found in a picture. */
export const mayFind = () => may("face_sample", "creation") && may("attribute", "creation");
export const mayMatch = () => may("face", "matching");
/** What somebody needs who looks a picture up. */
export const mayLookUp = () => mayMatch() && mayFind() && may("attribute", "matching");

/** The faces in a picture, the largest first: `{rect, sample}`. Their samples stay until they are dropped. Throws in the API's words. */
export async function findFaces(file) {
  const { images: [image] } = await post("/6/detector", file, { headers: { "Content-Type": file.type || "image/jpeg" } });
  if (image.status === 0) throw new APIError(200, image.error);
  const area = ({ rect }) => rect.width * rect.height;
  return image.detections.samples.map(({ face }) => ({ rect: face.detection.rect, sample: face.sample_id })).sort((a, b) => area(b) - area(a));
}

/** What samples look like: of each `{attribute, score}`, in their order. */
export async function describe(samples) {
  const found = [];
  for (let at = 0; at < samples.length; at += AT_ONCE) found.push(...await post(`/6/extractor?ttl=${LIFETIME}`, samples.slice(at, at + AT_ONCE)));
  return found.map(({ attribute_id: attribute, score }) => ({ attribute, score }));
}

const dropAll = (paths) => Promise.all(paths.map((path) => send("DELETE", path, { quiet: true, keepalive: true }).catch(() => null)));
/** Forgets samples; also when this page is being left. */
export const dropSamples = (ids) => (may("face_sample", "deletion") ? dropAll(ids.map((id) => `/6/samples/faces/${id}`)) : null);
export const dropAttributes = (ids) => (may("attribute", "deletion") ? dropAll(ids.map((id) => `/6/attributes/${id}`)) : null);

/** Who is alike to a reference, most alike first: `{face or event, similarity}`. Throws in the API's words. */
export async function alike(reference, { among, list, limit }, options) {
  const filters = { origin: among, ...(list ? { list_id: list } : {}) };
  const [{ matches: [match] }] = await post("/6/matcher/faces", { references: [reference], candidates: [{ filters, limit }] }, options);
  if (match.error) throw new APIError(200, match.error);
  return match.result;
}

/** Makes a face of a sample, which becomes its picture, and gives its id. */
export async function createFace(sample, details) {
  const [{ attribute }] = await describe([sample]);
  try {
    return (await post("/6/faces", { ...details, avatar: `/6/samples/faces/${sample}`, attribute: { attribute_id: attribute } })).face_id;
  } finally {
    dropAttributes([attribute]);
  }
}

/** The id of the sample that stands for a face, if it is one. */
export const sampleOf = (face) => /^\/6\/samples\/faces\/([a-f0-9-]{36})$/.exec(face.avatar)?.[1] ?? null;

/** Faces as filters have them, `size` of them, `page` from 1 on. */
export const readFaces = async (filters, page, size, options) => (await get(query("/6/faces", { ...filters, page, page_size: size }), options)).faces;
