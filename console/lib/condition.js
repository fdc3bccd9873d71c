// How a stream fares, in words: what it says of itself, and how bad that is.
import { inOrder, t, tOr } from "./messages.js";
import { dayAndHour, dayStart, hour } from "./time.js";

export const PENDING = 0, RUNNING = 1, DONE = 2, FAILED = 4, STOPPED = 5;
const STATUS = ["pending", "in_progress", "done", "restart", "failure", "stop"];
const GRAVE = new Set(["source_stalled", "reconnecting"]);

export const nameOf = (stream) => stream.name || t("stream.unnamed", { id: stream.stream_id.slice(0, 8) });
export const statusWord = (status) => tOr(`status.${STATUS[status]}`, String(status));
export const hidesPictures = (stream) => stream.privacy?.mode === "counts_only";

/**
 * What is to be said of a stream: `{level, words, since}`. `level` is 2 of what needs somebody now, 1 of what should be looked at,
 * 0 of what is well, and -1 of what does not run and need not.
 */
export function condition(stream) {
  if (stream.status === FAILED) {
    const again = stream.autorestart.status === "enabled" || stream.autorestart.status === "in_progress" ? ` ${t("condition.tried-again")}` : "";
    return { level: level(stream), words: `${stream.last_error || t("condition.failed")}${again}` };
  }
  const reason = stream.status === RUNNING ? stream.health?.reasons[0] : null;
  if (reason) {
    const words = tOr(`health.${reason.reason}`, reason.message);
    const attempt = reason.attempt > 1 ? ` ${t("condition.attempt", { attempt: reason.attempt })}` : "";
    return { level: level(stream), words: `${words}${attempt}`, since: reason.since, detail: reason.last_error };
  }
  if (stream.status === RUNNING) return { level: 0, words: statusWord(RUNNING) };
  if (stream.status === PENDING) return { level: level(stream), words: t("condition.waiting") };
  return { level: -1, words: stream.status === DONE ? t("condition.ended") : statusWord(stream.status) };
}

/** The same as one sentence. */
export const conditionSentence = ({ words, since, detail }) => [words, since ? t("condition.since", { time: (new Date(since) < dayStart() ? dayAndHour : hour)(since) }) : "", detail ?? ""].filter(Boolean).join(" ");

/** How bad it is, as `level` of `condition` has it. */
export function level(stream) {
  if (stream.status === FAILED) return 2;
  if (stream.status === RUNNING) return stream.health ? (GRAVE.has(stream.health.reasons[0].reason) ? 2 : 1) : 0;
  return stream.status === PENDING ? (stream.autorestart.current_attempt > 0 ? 1 : 0) : -1;
}

/** Streams in the order in which they need somebody; of equals by name. */
export const byUrgency = (streams) =>
  streams.map((stream) => ({ stream, level: level(stream), name: nameOf(stream) })).sort((a, b) => b.level - a.level || inOrder(a.name, b.name)).map(({ stream }) => stream);
