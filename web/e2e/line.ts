import dgram from 'node:dgram';
import net from 'node:net';

/** What a line does to datagrams, each way and for each person. */
export interface Weather {
  /** Share that is lost, 0 to 1. */
  loss: number;
  /** Milliseconds; every datagram takes `delay` and up to `jitter` more. None overtakes another, as on most lines. */
  delay: number;
  jitter: number;
  /** Bits per second; 0 for as many as come. What waits longer than `longestQueue` is dropped. */
  rate: number;
  /** Nothing passes, UDP or TCP. */
  cut: boolean;
  /** Nothing passes over UDP. */
  udpBlocked: boolean;
}

export const fine: Weather = { loss: 0, delay: 0, jitter: 0, rate: 0, cut: false, udpBlocked: false };

/** A router's queue, in milliseconds. */
const longestQueue = 300;

/** One way of one person. */
interface Way {
  send: (datagram: Buffer) => void;
  /** When the last datagram will have left for the narrow part, and arrived, in milliseconds. */
  free: number;
  arrived: number;
}

/** A bad network in front of a media server: announced as the only way there. Chance is the same at every run. */
export class Line {
  readonly port: number;
  weather: Weather = fine;
  /** Datagrams that passed, and that did not. */
  passed = 0;
  dropped = 0;

  private readonly udp: dgram.Socket;
  private readonly tcp: net.Server;
  private readonly people = new Map<string, { up: Way; down: Way; socket: dgram.Socket }>();
  private readonly streams = new Set<net.Socket>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private target = 0;
  private state: number;

  private constructor(udp: dgram.Socket, tcp: net.Server, seed: number) {
    this.udp = udp;
    this.tcp = tcp;
    this.port = udp.address().port;
    this.state = seed;
    udp.on('message', (datagram, from) => this.fromPerson(datagram, from));
    tcp.on('connection', (socket) => this.stream(socket));
  }

  /** Opens a line on a free port; `lead` says where it leads before anybody uses it. */
  static async open(seed: number): Promise<Line> {
    const udp = dgram.createSocket({ type: 'udp4', recvBufferSize: 1 << 20, sendBufferSize: 1 << 20 });
    await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
    const tcp = net.createServer();
    await new Promise<void>((resolve, reject) => {
      tcp.once('error', reject);
      tcp.listen(udp.address().port, '127.0.0.1', resolve);
    });
    return new Line(udp, tcp, seed);
  }

  lead(port: number): void {
    this.target = port;
  }

  set(change: Partial<Weather>): void {
    this.weather = { ...fine, ...change };
  }

  async close(): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer);
    for (const { socket } of this.people.values()) socket.close();
    for (const socket of this.streams) socket.destroy();
    this.udp.close();
    await new Promise((resolve) => this.tcp.close(resolve));
  }

  /** The next of a row of numbers between 0 and 1 that the seed gives (mulberry32). */
  private chance(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  private fromPerson(datagram: Buffer, from: dgram.RemoteInfo): void {
    const name = `${from.address}:${from.port}`;
    let person = this.people.get(name);
    if (!person) {
      const socket = dgram.createSocket('udp4');
      const { target } = this;
      const up: Way = { free: 0, arrived: 0, send: (d) => socket.send(d, target, '127.0.0.1') };
      const down: Way = { free: 0, arrived: 0, send: (d) => this.udp.send(d, from.port, from.address) };
      socket.on('message', (d) => this.pass(d, down));
      socket.on('error', () => undefined); // nobody listens there while the server is down
      person = { up, down, socket };
      this.people.set(name, person);
    }
    this.pass(datagram, person.up);
  }

  private pass(datagram: Buffer, way: Way): void {
    const { loss, delay, jitter, rate, cut, udpBlocked } = this.weather;
    const now = performance.now();
    const waits = Math.max(0, way.free - now);
    if (cut || udpBlocked || this.chance() < loss || (rate > 0 && waits > longestQueue)) {
      this.dropped += 1;
      return;
    }
    this.passed += 1;
    let arrives = now + delay + jitter * this.chance();
    if (rate > 0) {
      way.free = now + waits + (datagram.length * 8_000) / rate;
      arrives += way.free - now;
    }
    way.arrived = Math.max(way.arrived, arrives);
    if (way.arrived <= now) {
      way.send(datagram);
      return;
    }
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      way.send(datagram);
    }, way.arrived - now);
    this.timers.add(timer);
  }

  /** A TCP connection: all of it, or nothing while the line is cut. */
  private stream(person: net.Socket): void {
    const server = net.connect(this.target, '127.0.0.1');
    for (const [from, to] of [
      [person, server],
      [server, person],
    ] as const) {
      this.streams.add(from);
      from.setNoDelay(true);
      from.on('data', (d) => {
        if (!this.weather.cut) to.write(d);
        else from.destroy(); // what a stream loses it cannot go on without
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        this.streams.delete(from);
        to.destroy();
      });
    }
  }
}
