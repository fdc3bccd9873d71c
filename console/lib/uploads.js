// Files on their way to become jobs, and what became of them. They go on while other pages are shown, and are remembered as long as this tab is
// open: the daemon keeps nothing of what was sent once the job is over, so only here can it be seen beside the result.
import { APIError, Unreachable, get, query, upload } from "./api.js";

/** Tells `changed` when one of the `list` is elsewhere than before. */
export const uploads = Object.assign(new EventTarget(), { list: [] });

const FINAL = ["done", "failed", "cancelled"];
const AT_ONCE = 2, PAUSE = 700;

/** The file that a job was made of; undefined where it was not sent from here. */
export const sentFor = (jobID) => uploads.list.find(({ job }) => job?.job_id === jobID);

/** Sends files, each as a job of its own. `wishes` are parameters of `POST /6/jobs`. */
export function begin(files, wishes) {
  for (const file of files) uploads.list.unshift({ file, wishes, address: URL.createObjectURL(file), state: "waiting", gone: 0, job: null, error: "", end: new AbortController() });
  turn();
}

/** Takes one off the list; it is given up if it is still being sent. Its job stays. */
export function forget(sent) {
  sent.end.abort();
  URL.revokeObjectURL(sent.address);
  uploads.list.splice(uploads.list.indexOf(sent), 1);
  tell();
}

const tell = () => uploads.dispatchEvent(new Event("changed"));
const isSending = ({ state }) => state === "waiting" || state === "sending";
addEventListener("beforeunload", (event) => { if (uploads.list.some(isSending)) event.preventDefault(); });

function turn() {
  const running = uploads.list.filter(({ state }) => state === "sending").length;
  for (const sent of uploads.list.filter(({ state }) => state === "waiting").reverse().slice(0, AT_ONCE - running)) send(sent);
  tell();
}

async function send(sent) {
  sent.state = "sending";
  try {
    const { job_id: id } = await upload(query("/6/jobs", { kind: "anonymisation", file_name: sent.file.name, ...sent.wishes }), sent.file, { signal: sent.end.signal, gone: (part) => { sent.gone = part; tell(); } });
    sent.state = "working";
    turn();
    await follow(sent, id);
  } catch (error) {
    if (error.name !== "AbortError") Object.assign(sent, { state: "refused", error: error.message, isUnreachable: error instanceof Unreachable });
    if (!(error instanceof APIError || error instanceof Unreachable || error.name === "AbortError")) throw error;
  } finally {
    turn();
  }
}

async function follow(sent, id) {
  while (!sent.end.signal.aborted) {
    try { sent.job = await get(`/6/jobs/${id}`, { signal: sent.end.signal }); } catch (error) { if (!(error instanceof Unreachable)) throw error; }
    if (FINAL.includes(sent.job?.state)) sent.state = sent.job.state;
    tell();
    if (FINAL.includes(sent.state)) return;
    await new Promise((go) => setTimeout(go, PAUSE));
  }
}
