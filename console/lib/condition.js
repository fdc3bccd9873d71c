// How a stream fares, in words: what it says of itself, and how bad that is.
import { t, tOr } from "./messages.js";
import { ago } from "./time.js";

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
    return { level: 2, words: `${stream.last_error || t("condition.failed")}${again}` };
  }
  const reason = stream.status === RUNNING ? stream.health?.reasons[0] : null;
  if (reason) {
    const words = tOr(`health.${reason.reason}`, reason.message);
    const attempt = reason.attempt > 1 ? ` ${t("condition.attempt", { attempt: reason.attempt })}` : "";
    return { level: GRAVE.has(reason.reason) ? 2 : 1, words: `${words}${attempt}`, since: reason.since, detail: reason.last_error };
  }
  if (stream.status === RUNNING) return { level: 0, words: statusWord(RUNNING) };
  if (stream.status === PENDING) return { level: stream.autorestart.current_attempt > 0 ? 1 : 0, words: t("condition.waiting") };
  return { level: -1, words: stream.status === DONE ? t("condition.ended") : statusWord(stream.status) };
}

/** The same as one sentence. */
export const conditionSentence = ({ words, since, detail }) => [words, since ? t("condition.since", { ago: ago(since) }) : "", detail ?? ""].filter(Boolean).join(" ");

/** Those that need somebody first; of equals by name. */
export function byUrgency(a, b) {
  return condition(b).level - condition(a).level || nameOf(a).localeCompare(nameOf(b), undefined, { numeric: true });
}
