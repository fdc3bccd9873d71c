// Pictures of tiles: fetched gently, a few at a time, and only of tiles that are in sight.
import { APIError, Unreachable, connection, send } from "./api.js";

// Some wait seconds for the next look; browsers ask a host for six things at once, and one is left to the rest of the page.
const AT_ONCE = 5;

export class Previews {
  constructor(page) {
    this.page = page;
    this.tiles = new Map();
    this.seen = new Set();
    this.running = 0;
    this.eye = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const tile = this.tiles.get(entry.target);
        if (!tile) continue;
        if (entry.isIntersecting) this.seen.add(tile); else this.seen.delete(tile);
      }
      this.turn();
    }, { rootMargin: "80px" });
    const timer = setInterval(() => this.turn(), 400);
    page.after(() => { clearInterval(timer); this.eye.disconnect(); for (const tile of this.tiles.values()) tile.forget(); });
  }

  /** Keeps the pictures of a tile coming: `tile.wants` says whether it has any, `tile.picture(blob, headers)` takes one and `null` when there is none. */
  watch(node, tile) {
    tile.due = 0;
    this.tiles.set(node, tile);
    this.eye.observe(node);
  }

  /** Fetches nothing for a tile until it is observed again. */
  rest(node) {
    this.eye.unobserve(node);
    this.seen.delete(this.tiles.get(node));
  }

  unwatch(node) {
    this.rest(node);
    this.tiles.get(node)?.forget();
    this.tiles.delete(node);
  }

  /** One picture in two seconds of each tile, and fewer when many are in sight: twelve a second are not passed. */
  get pause() { return Math.max(2000, this.seen.size * 250); }

  turn() {
    if (document.hidden || connection.isLost) return;
    const now = performance.now();
    const due = [...this.seen].filter((tile) => tile.wants && !tile.isAsking && tile.due <= now).sort((a, b) => a.due - b.due);
    for (const tile of due.slice(0, AT_ONCE - this.running)) this.ask(tile);
  }

  async ask(tile) {
    this.running++;
    tile.isAsking = true;
    let pause = this.pause;
    try {
      const answer = await send("GET", `/6/streams/${tile.id}/preview.jpg?width=${tile.width}&quality=70`, { signal: this.page.signal, quiet: true });
      tile.picture(await answer.blob(), answer.headers);
    } catch (error) {
      if (error instanceof APIError) { tile.picture(null); pause *= 4; } else if (!(error instanceof Unreachable) && error.name !== "AbortError") throw error;
    }
    tile.isAsking = false;
    tile.due = performance.now() + pause;
    this.running--;
    if (!this.page.isOver) this.turn();
  }
}
