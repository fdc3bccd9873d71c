// All streams as they are now: their states, how fast they are looked at, how many people they show, and what they told last.
import { all, get, query, send } from "./api.js";
import { may } from "./session.js";

const LINE = /^sightline_stream_(frames_analysed|frames_decoded|detections)_total\{stream_id="([^"]+)"\} (\S+)/;

/** Tells `streams`, `rates` and `events` when these were read anew. */
export class StreamWatch extends EventTarget {
  constructor(page) {
    super();
    this.streams = new Map();
    this.rates = new Map();
    this.lastEvents = new Map();
    this.isKnown = false;
    this.error = null;
    this.before = null;
    this.newest = null;
    // The more there are, the calmer: one list of 200 streams is half a megabyte.
    const read = () => this.readStreams(page.signal);
    this.refresh = page.every(4000, async () => {
      await read();
      if (this.streams.size > 60) await new Promise((go) => setTimeout(go, 6000));
    }, (error) => { this.error = error; this.tell("streams"); });
    page.every(5000, () => this.readRates(page.signal));
    if (may("event")) page.every(8000, () => this.readEvents(page.signal));
  }

  tell(type) { this.dispatchEvent(new Event(type)); }

  async readStreams(signal) {
    const found = await all("/6/streams?order=asc", "streams", { signal });
    this.streams = new Map(found.map((stream) => [stream.stream_id, stream]));
    this.isKnown = true;
    this.error = null;
    this.tell("streams");
  }

  /** Frames a second, and people in a frame on average, from what the counters grew by. */
  async readRates(signal) {
    const text = await (await send("GET", "/metrics", { signal, quiet: true })).text();
    const now = { at: performance.now(), counts: new Map() };
    for (const line of text.split("\n")) {
      if (!line.startsWith("sightline_stream_")) continue;
      const [, name, id, value] = LINE.exec(line) ?? [];
      if (!id) continue;
      if (!now.counts.has(id)) now.counts.set(id, {});
      now.counts.get(id)[name] = Number(value);
    }
    if (this.before) {
      const seconds = (now.at - this.before.at) / 1000;
      this.rates = new Map([...now.counts].map(([id, counts]) => {
        const old = this.before.counts.get(id) ?? counts;
        const frames = counts.frames_analysed - old.frames_analysed;
        return [id, { fps: frames / seconds, people: frames > 0 ? Math.round((counts.detections - old.detections) / frames) : null }];
      }).filter(([, rate]) => rate.fps >= 0));
      this.tell("rates");
    }
    this.before = now;
  }

  /** The newest event of each stream; after the first time only those that came since. */
  async readEvents(signal) {
    const bound = this.newest ? { insert_time__gte: this.newest, create_time__gte: new Date(Date.now() - 86400000 * 31).toISOString(), page_size: 200 } : { page_size: 200 };
    const asked = new Date(Date.now() - 2000).toISOString();
    const [crowds, persons] = await Promise.all([
      get(query("/6/general/events", bound), { signal }),
      get(query("/6/events", { ...bound, target: ["event_id", "stream_id", "create_time", "track_id"] }), { signal }),
    ]);
    this.newest = asked;
    const found = [
      ...crowds.events.map(({ event, event_create_time: time }) => ({ id: event.event_id, stream: event.stream_id, time, people: event.people_count })),
      ...persons.events.map((event) => ({ id: event.event_id, stream: event.stream_id, time: event.create_time, people: null })),
    ];
    for (const event of found) {
      const known = this.lastEvents.get(event.stream);
      if (event.stream && (!known || known.time < event.time)) this.lastEvents.set(event.stream, event);
    }
    this.tell("events");
  }
}
