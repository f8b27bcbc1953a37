import type { BrowserContext, Page } from '@playwright/test';
import type { Office } from './server.ts';

/** What one page received so far. */
export interface Received {
  /** Samples of sound, and those among them that were made up because nothing came. */
  samples: number;
  concealed: number;
  audioPackets: number;
  framesDecoded: number;
  freezes: number;
  /** Bytes of sound and pictures. */
  bytes: number;
  /** How the chosen way leads: its protocol, and that to the relay ("udp", "tcp", "tls") when there is one. */
  protocol: string;
  relay: string;
  /** Milliseconds there and back. */
  roundTrip: number;
}

declare global {
  interface Window {
    connectionsOfTest: RTCPeerConnection[];
  }
}

/**
 * Lets a test read the figures of a page's connections, and gives the page a voice that never pauses, so that every
 * sample which is missing is counted. It must be called before the page is loaded.
 */
export async function meter(context: BrowserContext, change: { relay?: 'udp' | 'tcp' | 'tls' } = {}): Promise<void> {
  await context.addInitScript((relay) => {
    window.connectionsOfTest = [];
    const Connection = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Connection {
      constructor(config: RTCConfiguration = {}) {
        const by = { udp: /^turn:.*=udp$/, tcp: /^turn:.*=tcp$/, tls: /^turns:/ };
        const servers = (config.iceServers ?? []).map((s) => ({
          ...s,
          urls: [s.urls].flat().filter((url) => !relay || by[relay].test(url)),
        }));
        super(relay ? { ...config, iceServers: servers, iceTransportPolicy: 'relay' } : config);
        window.connectionsOfTest.push(this);
      }
    };
    const { mediaDevices } = navigator;
    if (!mediaDevices) return; // a page that is not ours
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (constraints) => {
      const stream = await open(constraints);
      for (const track of stream.getAudioTracks()) {
        stream.removeTrack(track);
        track.stop();
        const sound = new AudioContext();
        await sound.resume();
        const voice = new OscillatorNode(sound, { type: 'sawtooth', frequency: 140 });
        const words = new OscillatorNode(sound, { frequency: 4 });
        const depth = new GainNode(sound, { gain: 0.1 });
        const loudness = new GainNode(sound, { gain: 0.2 });
        const out = new MediaStreamAudioDestinationNode(sound, { channelCount: 1 });
        words.connect(depth).connect(loudness.gain);
        voice.connect(loudness).connect(out);
        voice.start();
        words.start();
        for (const made of out.stream.getAudioTracks()) stream.addTrack(made);
      }
      return stream;
    };
  }, change.relay);
}

/** A page of a person whose figures can be read. */
export async function meteredPerson(
  office: Office,
  username: string,
  change: { relay?: 'udp' | 'tcp' | 'tls' } = {},
): Promise<Page> {
  const page = await office.person(username);
  await meter(page.context(), change);
  return page;
}

/** What the page's newest connection received. */
export async function received(page: Page): Promise<Received> {
  return await page.evaluate(async () => {
    const sum = {
      samples: 0,
      concealed: 0,
      audioPackets: 0,
      framesDecoded: 0,
      freezes: 0,
      bytes: 0,
      protocol: '',
      relay: '',
      roundTrip: 0,
    };
    const reports = await window.connectionsOfTest.at(-1)?.getStats();
    for (const report of reports?.values() ?? []) {
      if (report.type === 'candidate-pair' && report.nominated && report.state === 'succeeded') {
        const local = reports?.get(report.localCandidateId) as { protocol: string; relayProtocol?: string };
        sum.protocol = local.protocol;
        sum.relay = local.relayProtocol ?? '';
        sum.roundTrip = Math.round(1000 * (report.currentRoundTripTime ?? 0));
      }
      if (report.type !== 'inbound-rtp') continue;
      sum.bytes += report.bytesReceived ?? 0;
      if (report.kind === 'audio') {
        sum.samples += report.totalSamplesReceived ?? 0;
        sum.concealed += report.concealedSamples ?? 0;
        sum.audioPackets += report.packetsReceived ?? 0;
      } else {
        sum.framesDecoded += report.framesDecoded ?? 0;
        sum.freezes += report.freezeCount ?? 0;
      }
    }
    return sum;
  });
}

/** What a page receives in so many milliseconds. */
export async function during(page: Page, milliseconds: number) {
  const before = await received(page);
  const began = performance.now();
  await page.waitForTimeout(milliseconds);
  const after = await received(page);
  const seconds = (performance.now() - began) / 1000;
  return {
    /** Share of the sound that was made up. */
    concealed: (after.concealed - before.concealed) / Math.max(1, after.samples - before.samples),
    framesPerSecond: (after.framesDecoded - before.framesDecoded) / seconds,
    kilobits: ((after.bytes - before.bytes) * 8) / seconds / 1000,
    freezes: after.freezes - before.freezes,
    roundTrip: after.roundTrip,
  };
}

/** Waits until sound and pictures come to the page again; how long that took, in milliseconds. */
export async function flowsAgain(page: Page, within: number): Promise<number> {
  const began = performance.now();
  let before = await received(page);
  while (performance.now() - began < within) {
    await page.waitForTimeout(100);
    const now = await received(page);
    if (now.audioPackets > before.audioPackets + 2 && now.framesDecoded > before.framesDecoded)
      return performance.now() - began;
    if (now.framesDecoded < before.framesDecoded || now.audioPackets < before.audioPackets) before = now; // a new connection
  }
  throw new Error(`no sound and pictures after ${within} ms`);
}
