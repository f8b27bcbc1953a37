/** How fresh the page is: "live" = socket open, "polling" = read again on a timer, "offline" = the server does not answer. */
export type LiveStatus = 'connecting' | 'live' | 'polling' | 'offline';

/** A message of the socket; docs/live-protocol.md tells them all. */
export interface LiveMessage {
  type: string;
  [field: string]: unknown;
}

/** The part of WebSocket that we use, so that tests can give their own. */
export interface SocketLike {
  readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  onerror: (() => void) | null;
}

export interface LiveOptions {
  open: () => SocketLike;
  /** Reads something small from the server; rejects when it cannot be reached. */
  probe: () => Promise<unknown>;
  /** Random part of the reconnect pause, 0 to 1. */
  random?: () => number;
}

/** Milliseconds. */
export const timing = {
  helloWithin: 10_000,
  pollEvery: 15_000,
  offlineAfter: 4_000,
  pingEvery: 25_000,
  silentAfter: 60_000,
  answerWithin: 1_200,
  firstPause: 500,
  longestPause: 30_000,
};

/** Code with which the server closes the socket of a session that has ended. */
const sessionEnded = 1008;

type Handler = () => void;

/**
 * The one WebSocket of a tab: hints of changes by topic, and messages of the meeting room. It comes
 * back by itself with growing pauses and resumes from the last hint; while no socket stands, topics
 * are told as changed on a timer, so that pages behind a proxy that buffers sockets stay correct.
 * It owns all of its timers; `stop` ends them.
 */
export class LiveClient {
  private readonly topics = new Map<string, Set<Handler>>();
  private readonly listeners = new Set<{ prefix: string; handle: (message: LiveMessage) => void }>();
  private readonly watchers = new Set<Handler>();
  private readonly resets = new Set<Handler>();
  private readonly beginnings = new Set<Handler>();
  private socket: SocketLike | null = null;
  private greeted = false;
  private epoch = '';
  private seq = 0;
  private failures = 0;
  private heardAt = 0;
  private running = false;
  private current: LiveStatus = 'connecting';
  private helloTimer: ReturnType<typeof setTimeout> | undefined;
  private reconnectTimer: ReturnType<typeof setTimeout> | undefined;
  private pollTimer: ReturnType<typeof setInterval> | undefined;
  private pingTimer: ReturnType<typeof setInterval> | undefined;
  private offlineTimer: ReturnType<typeof setTimeout> | undefined;
  private nudgeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: LiveOptions) {}

  get status(): LiveStatus {
    return this.current;
  }

  /** True while messages of the room can be sent. */
  get isOpen(): boolean {
    return this.greeted;
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.connect();
  }

  stop(): void {
    this.running = false;
    clearTimeout(this.helloTimer);
    clearTimeout(this.reconnectTimer);
    clearTimeout(this.offlineTimer);
    clearInterval(this.pollTimer);
    clearInterval(this.pingTimer);
    this.pollTimer = undefined;
    this.offlineTimer = undefined;
    const { socket } = this;
    this.drop();
    socket?.close(1000, 'left');
    this.epoch = '';
    this.seq = 0;
    this.failures = 0;
    this.set('connecting');
  }

  /** Calls `changed` whenever the topic changed, or may have changed while nobody could tell. */
  watch(topic: string, changed: Handler): () => void {
    const handlers = this.topics.get(topic) ?? new Set<Handler>();
    const isNew = handlers.size === 0;
    handlers.add(changed);
    this.topics.set(topic, handlers);
    if (isNew && this.greeted) this.transmit({ type: 'subscribe', topics: [topic] });
    return () => {
      handlers.delete(changed);
      if (handlers.size > 0 || this.topics.get(topic) !== handlers) return;
      this.topics.delete(topic);
      if (this.greeted) this.transmit({ type: 'unsubscribe', topics: [topic] });
    };
  }

  /** Calls `handle` for every message whose type begins with the prefix, such as "room.". */
  on(prefix: string, handle: (message: LiveMessage) => void): () => void {
    const listener = { prefix, handle };
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Sends a message; false when no socket stands (the caller then waits for `onStatus`). */
  send(message: LiveMessage): boolean {
    if (!this.greeted) return false;
    this.transmit(message);
    return true;
  }

  onStatus(changed: Handler): () => void {
    this.watchers.add(changed);
    return () => this.watchers.delete(changed);
  }

  /** Calls `handle` when everything on the page may be old. */
  onReset(handle: Handler): () => void {
    this.resets.add(handle);
    return () => this.resets.delete(handle);
  }

  /** Calls `handle` when hints begin to arrive that nothing was heard before: what was read earlier may be old. */
  onBeginning(handle: Handler): () => void {
    this.beginnings.add(handle);
    return () => this.beginnings.delete(handle);
  }

  /** Tries at once, for instance when the browser says that the network is back. */
  wake(): void {
    if (!this.running || this.socket) return;
    clearTimeout(this.reconnectTimer);
    this.connect();
  }

  /**
   * The socket may be dead without knowing, for instance after the network changed: it has to give a sign of
   * life soon, or a new one is opened.
   */
  nudge(): void {
    const { socket } = this;
    if (!socket || !this.greeted) {
      this.wake();
      return;
    }
    if (this.nudgeTimer !== undefined) return;
    const asked = Date.now();
    this.transmit({ type: 'ping' });
    this.nudgeTimer = setTimeout(() => {
      this.nudgeTimer = undefined;
      if (this.heardAt < asked) this.fail(socket);
    }, timing.answerWithin);
  }

  private connect(): void {
    let socket: SocketLike;
    try {
      socket = this.options.open();
    } catch {
      this.lost();
      return;
    }
    this.socket = socket;
    this.helloTimer = setTimeout(() => this.fail(socket), timing.helloWithin);
    socket.onmessage = (event) => this.receive(event.data);
    socket.onclose = ({ code }) => {
      if (this.socket !== socket) return;
      this.fail(socket);
      if (code === sessionEnded) this.everything();
    };
    socket.onerror = () => undefined; // a close follows
  }

  private fail(socket: SocketLike): void {
    if (this.socket !== socket) return;
    this.drop();
    socket.close();
    this.lost();
  }

  private drop(): void {
    clearTimeout(this.helloTimer);
    clearTimeout(this.nudgeTimer);
    this.nudgeTimer = undefined;
    clearInterval(this.pingTimer);
    if (this.socket) {
      this.socket.onmessage = null;
      this.socket.onclose = null;
    }
    this.socket = null;
    this.greeted = false;
  }

  private lost(): void {
    if (!this.running) return;
    this.failures += 1;
    const pause = Math.min(timing.firstPause * 2 ** (this.failures - 1), timing.longestPause);
    const spread = (this.options.random ?? Math.random)();
    this.reconnectTimer = setTimeout(() => this.connect(), pause * (0.5 + spread / 2));
    this.poll();
    this.offlineTimer ??= setTimeout(() => {
      this.offlineTimer = undefined;
      if (!this.greeted) this.check();
    }, timing.offlineAfter);
  }

  private poll(): void {
    this.pollTimer ??= setInterval(() => this.check(), timing.pollEvery);
  }

  /** Asks the server whether it is there; if so, everything watched is read again. */
  private check(): void {
    this.options.probe().then(
      () => {
        if (!this.running || this.greeted) return;
        this.set('polling');
        this.everything();
      },
      () => {
        if (this.running && !this.greeted) this.set('offline');
      },
    );
  }

  private receive(data: unknown): void {
    this.heardAt = Date.now();
    let message: LiveMessage;
    try {
      message = JSON.parse(String(data)) as LiveMessage;
    } catch {
      return;
    }
    switch (message.type) {
      case 'hello':
        this.hello(String(message['epoch'] ?? ''), Number(message['seq'] ?? 0));
        break;
      case 'changed':
        this.seq = Math.max(this.seq, Number(message['seq'] ?? 0));
        this.changed(message['topics']);
        break;
      case 'reset':
        this.epoch = String(message['epoch'] ?? this.epoch);
        this.seq = Number(message['seq'] ?? this.seq);
        this.everything();
        for (const handle of [...this.resets]) handle();
        break;
    }
    for (const { prefix, handle } of [...this.listeners]) {
      if (message.type.startsWith(prefix)) handle(message);
    }
  }

  private hello(epoch: string, seq: number): void {
    clearTimeout(this.helloTimer);
    clearTimeout(this.offlineTimer);
    clearInterval(this.pollTimer);
    this.offlineTimer = undefined;
    this.pollTimer = undefined;
    this.greeted = true;
    this.failures = 0;
    const begins = this.epoch === '';
    const resume = begins ? {} : { epoch: this.epoch, seq: this.seq };
    if (this.epoch !== '' && this.epoch !== epoch) this.everything();
    this.epoch = epoch;
    this.seq = seq;
    this.transmit({ type: 'subscribe', topics: [...this.topics.keys()], ...resume });
    this.pingTimer = setInterval(() => this.ping(), timing.pingEvery);
    this.set('live');
    if (begins) for (const handle of [...this.beginnings]) handle();
  }

  private ping(): void {
    if (this.socket && Date.now() - this.heardAt > timing.silentAfter) this.fail(this.socket);
    else this.transmit({ type: 'ping' });
  }

  private transmit(message: LiveMessage): void {
    this.socket?.send(JSON.stringify(message));
  }

  private changed(topics: unknown): void {
    if (!Array.isArray(topics)) return;
    const handlers = new Set<Handler>();
    for (const topic of topics) for (const handle of this.topics.get(String(topic)) ?? []) handlers.add(handle);
    for (const handle of handlers) handle();
  }

  private everything(): void {
    this.changed([...this.topics.keys()]);
  }

  private set(status: LiveStatus): void {
    if (this.current === status) return;
    this.current = status;
    for (const changed of [...this.watchers]) changed();
  }
}
