// A camera's coded video as it comes, played by the browser itself; and what was found in its frames, told when the frame is seen.

/** Seconds that stay behind what is shown, and that may be ahead before it is gone on to the newest. */
const KEPT = 6, TOO_LATE = 1;
/** Seconds between the newest that came and what is shown: no less, and no more, whatever the analysis takes. */
const NEAREST = 0.08, FURTHEST = 1;
/** Looks by which it is judged how late they come. */
const JUDGED = 40;
/** Two times that are no further apart are those of one frame: they are told in millionths of a second. */
const SAME = 0.002;
/** Seconds between two looks in which people are taken to have gone evenly from one to the other. */
const EVEN = 1;
/** Milliseconds in which something is seen of what comes, or the browser cannot play it, whatever it said. */
const PATIENCE = 6000;

export const playsVideo = () => "MediaSource" in window && "requestVideoFrameCallback" in HTMLVideoElement.prototype;

/**
 * Feeds a video element. What is shown stays as far behind the newest as looks come late, so that a frame and its boxes are seen together.
 * - `seen` is told the look of the frame that is seen, where there is one since the frame before, and those that were passed over; and, where the
 *   next look is there already, that one and the share of the way to it, from 0 to 1, that the frame has come.
 * - `failed` is told that the browser cannot play it.
 */
export class LiveVideo {
  constructor(video, { seen, failed }) {
    Object.assign(this, { video, seen, failed, waiting: [], looks: [], last: null, lateness: [], number: 0 });
    video.muted = true;
    video.addEventListener("error", () => { if (this.media) this.fail(); });
  }

  /** From here on bytes are of another video. */
  begin(type) {
    this.end();
    if (!MediaSource.isTypeSupported(type)) return this.fail();
    const number = ++this.number, media = new MediaSource();
    this.media = media;
    this.lastSeen = performance.now();
    this.address = URL.createObjectURL(media);
    media.addEventListener("sourceopen", () => {
      if (number !== this.number) return;
      this.buffer = media.addSourceBuffer(type);
      this.buffer.addEventListener("updateend", () => { if (number === this.number) { this.follow(); this.feed(); } });
      this.feed();
    }, { once: true });
    this.video.src = this.address;
    this.watch(number);
  }

  end() {
    this.number += 1;
    if (this.address) URL.revokeObjectURL(this.address);
    if (this.media) { this.video.removeAttribute("src"); this.video.load(); }
    Object.assign(this, { media: null, buffer: null, address: null, waiting: [], looks: [], last: null, lateness: [] });
  }
  fail() { this.end(); this.failed(); }

  add(bytes) {
    if (!this.media) return;
    // Nothing is seen of a page that is not.
    if (document.hidden) this.lastSeen = performance.now();
    else if (performance.now() - this.lastSeen > PATIENCE) return this.fail();
    this.waiting.push(bytes);
    this.feed();
  }

  /** Gives the browser all that waits, and takes away what was seen long ago. */
  feed() {
    const { buffer, video, waiting } = this;
    if (!buffer || buffer.updating || video.error) return;
    const ranges = buffer.buffered;
    try {
      if (ranges.length && ranges.start(0) < video.currentTime - 2 * KEPT) return buffer.remove(0, video.currentTime - KEPT);
      if (!waiting.length) return;
      buffer.appendBuffer(waiting.length === 1 ? waiting[0] : joined(waiting));
      this.waiting = [];
    } catch (error) {
      if (error.name !== "QuotaExceededError") return this.fail();
      // There is more than the browser keeps, and nothing of it was seen yet.
      this.waiting = [];
      if (ranges.length) buffer.remove(0, ranges.end(ranges.length - 1));
    }
  }

  get newest() {
    const ranges = this.buffer?.buffered;
    return ranges?.length ? ranges.end(ranges.length - 1) : null;
  }
  /** How far behind the newest to stay. */
  get distance() { return Math.min(FURTHEST, Math.max(NEAREST, ...this.lateness)); }

  /** Keeps what is shown at its distance: by its speed, or at once where it is far off. */
  follow() {
    const { video, newest, distance } = this;
    if (newest === null) return;
    const ranges = video.buffered, first = ranges.start(ranges.length - 1), behind = newest - video.currentTime;
    if (behind > distance + TOO_LATE || video.currentTime < first - SAME) video.currentTime = Math.max(first, newest - distance);
    video.playbackRate = behind > distance + 0.12 ? 1.1 : behind < distance - 0.06 ? 0.9 : 1;
    if (video.paused) video.play().catch(() => {});
  }

  /** What was found in a frame of the video. */
  look(look) {
    if (!this.media) return;
    if (this.newest !== null) {
      this.lateness.push(this.newest - look.video_time + NEAREST);
      if (this.lateness.length > JUDGED) this.lateness.shift();
    }
    this.looks.push(look);
    if (this.looks.length > 500) this.looks.shift();
  }

  watch(number) {
    const turn = (_, { mediaTime }) => {
      if (number !== this.number) return;
      this.show(mediaTime);
      this.video.requestVideoFrameCallback(turn);
    };
    this.video.requestVideoFrameCallback(turn);
  }
  /** A frame is seen. */
  show(time) {
    this.lastSeen = performance.now();
    let count = 0;
    while (count < this.looks.length && this.looks[count].video_time <= time + SAME) count += 1;
    const passed = this.looks.splice(0, count), look = passed.pop() ?? null, next = this.looks[0];
    this.last = look ?? this.last;
    const way = this.last && next ? next.video_time - this.last.video_time : 0;
    this.seen(look, passed, way > 0 && way <= EVEN ? { look: next, share: Math.max(0, (time - this.last.video_time) / way) } : null);
  }
}

function joined(parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let place = 0;
  for (const part of parts) { bytes.set(new Uint8Array(part), place); place += part.byteLength; }
  return bytes;
}
