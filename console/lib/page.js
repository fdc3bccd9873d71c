// The life of a page: what it started ends with it.
import { APIError, Unreachable, at, connection } from "./api.js";

export class Page {
  constructor(address) {
    this.address = address;
    this.end = new AbortController();
    this.signal = this.end.signal;
  }

  close() { this.end.abort(); }
  get isOver() { return this.signal.aborted; }

  /** Listens as long as the page is there. */
  on(target, type, listener) { target.addEventListener(type, listener, { signal: this.signal }); }

  /** Runs something when the page goes. */
  after(work) { this.signal.addEventListener("abort", work, { once: true }); }

  /**
   * Does something now and again and again, `pause` milliseconds after each end, but not while nobody looks or nobody answers.
   * Gives a function that does it at once. What the API refuses is told to `failed`.
   */
  every(pause, work, failed = () => {}) {
    let timer, isBusy = false, isWanted = false;
    const turn = async () => {
      clearTimeout(timer);
      if (this.isOver) return;
      if (isBusy) { isWanted = true; return; }
      if (document.hidden || connection.isLost) return;
      isBusy = true;
      try { await work(this.signal); } catch (error) {
        if (error instanceof APIError) failed(error);
        else if (!(error instanceof Unreachable) && error.name !== "AbortError") { isBusy = false; throw error; }
      }
      isBusy = false;
      if (isWanted) { isWanted = false; turn(); } else timer = setTimeout(turn, pause);
    };
    this.on(document, "visibilitychange", () => { if (!document.hidden) turn(); });
    this.on(connection, "back", turn);
    this.after(() => clearTimeout(timer));
    turn();
    return turn;
  }

  /** A WebSocket that is opened again when it breaks, while the page is there. `open` gives it and is told how it ended; it may say how long to wait. */
  socket(path, { message, opened = () => {}, closed = () => {} }) {
    let socket, tries = 0, timer;
    const connect = () => {
      if (this.isOver) return;
      const address = typeof path === "function" ? path() : path;
      socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${at(address)}`);
      socket.binaryType = "arraybuffer";
      socket.onopen = () => { opened(); };
      socket.onmessage = (event) => { tries = 0; message(event.data); };
      socket.onclose = (event) => {
        if (this.isOver) return;
        if (closed(event) === "stay") return;
        timer = setTimeout(connect, Math.min(10000, 500 * 2 ** tries++));
      };
    };
    this.on(connection, "back", () => { if (socket.readyState === WebSocket.CLOSED) { clearTimeout(timer); tries = 0; connect(); } });
    this.after(() => { clearTimeout(timer); socket?.close(); });
    connect();
    return {
      again: () => { clearTimeout(timer); if (socket.readyState >= WebSocket.CLOSING) { tries = 0; connect(); } },
      /** Another one at once, for an address that has changed. */
      renew: () => { clearTimeout(timer); socket.onclose = socket.onmessage = null; socket.close(); tries = 0; connect(); },
    };
  }
}
