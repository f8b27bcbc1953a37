// Stand-ins for what a browser gives, as far as the room client can see. Tests only.

export class FakeTrack {
  enabled = true;
  readyState: 'live' | 'ended' = 'live';
  muted = false;
  contentHint = '';
  onended: (() => void) | null = null;
  constructor(readonly kind: 'audio' | 'video') {}
  stop() {
    this.readyState = 'ended';
  }
}

export class FakeStream {
  constructor(readonly tracks: FakeTrack[]) {}
  getAudioTracks = () => this.tracks.filter((t) => t.kind === 'audio');
  getVideoTracks = () => this.tracks.filter((t) => t.kind === 'video');
}

export class FakeSender {
  constructor(public track: FakeTrack | null) {}
  replaceTrack(track: FakeTrack | null) {
    this.track = track;
    return Promise.resolve();
  }
}

export class FakeReceiver {
  level = 0;
  constructor(readonly track: FakeTrack) {}
  getSynchronizationSources = () =>
    this.level > 0 ? [{ audioLevel: this.level, timestamp: performance.timeOrigin + performance.now() }] : [];
}

/** What a browser does with descriptions, as far as the client can see. */
export class FakeConnection {
  connectionState = 'new';
  onconnectionstatechange: (() => void) | null = null;
  ontrack: (() => void) | null = null;
  closed = false;
  done: string[] = [];
  transceivers: { mid: string | null; sender: FakeSender; receiver: FakeReceiver }[] = [];
  failing = false;
  /** Nothing arrives any more. */
  frozen = false;
  private arrived = 0;

  addTransceiver(what: FakeTrack | 'audio' | 'video') {
    const track = typeof what === 'string' ? null : what;
    const kind = typeof what === 'string' ? what : what.kind;
    const made = {
      mid: String(this.transceivers.length),
      sender: new FakeSender(track),
      receiver: new FakeReceiver(new FakeTrack(kind)),
    };
    this.transceivers.push(made);
    return made;
  }
  /** Half of what the slot of mid 5 should bring is lost. */
  losing = false;
  private lost = 0;
  getStats() {
    if (!this.frozen) this.arrived += 10;
    if (this.losing) this.lost += 10;
    const slot = { type: 'inbound-rtp', id: 'I', mid: '5', kind: 'video' };
    return Promise.resolve(
      new Map<string, object>([
        ['T', { type: 'transport', id: 'T', packetsReceived: this.arrived }],
        ['I', { ...slot, packetsReceived: this.arrived, packetsLost: this.lost, framesDecoded: this.arrived }],
      ]),
    );
  }
  getTransceivers = () => this.transceivers;
  createOffer = () => Promise.resolve({ type: 'offer', sdp: 'page offers' });
  createAnswer = () => Promise.resolve({ type: 'answer', sdp: 'page answers' });
  setLocalDescription(d: { sdp: string }) {
    this.done.push(d.sdp);
    return Promise.resolve();
  }
  setRemoteDescription(d: { sdp: string }) {
    this.done.push(d.sdp);
    return this.failing ? Promise.reject(new Error('bad')) : Promise.resolve();
  }
  close() {
    this.closed = true;
  }
  become(state: string) {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}
