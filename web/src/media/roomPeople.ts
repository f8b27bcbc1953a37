import type { LineLevel, RoomParticipant, Shown, WireParticipant, WireTrack } from './types';

/** What arrives from participants; the connection, as far as this needs it. */
export interface Arriving {
  stream(participantId: string, kind: WireTrack['kind']): MediaStream | null;
  /** The own line does not take the picture. */
  paused(participantId: string): boolean;
  level(participantId: string): number;
}

/** What one knows of oneself better than the server. */
export interface Own {
  mic: boolean;
  camera: boolean;
  screen: boolean;
  line: LineLevel | null;
  preview: MediaStream | null;
  /** What is captured of the own screen. */
  capture: MediaStream | null;
}

/** From this loudness on a participant counts as speaking. */
const speakingFrom = 0.02;

/** Pauses between words that do not count, in milliseconds. */
export const speaksFor = 1_000;

/** Who is in the room, and who of them speaks. */
export class RoomPeople {
  selfId = '';
  private readonly people = new Map<string, WireParticipant>();
  private readonly speaking = new Set<string>();
  private readonly heardAt = new Map<string, number>();

  /** Oneself as the server sees it; undefined before joining. */
  get self(): WireParticipant | undefined {
    return this.people.get(this.selfId);
  }

  /** Whether the same person is in the room with another device too. */
  get isTwice(): boolean {
    const { self } = this;
    if (!self) return false;
    return [...this.people.values()].some((p) => p !== self && p.appointment_id === self.appointment_id);
  }

  /** Begins anew after joining. */
  joined(selfId: string, all: readonly WireParticipant[]): void {
    this.selfId = selfId;
    this.people.clear();
    this.change(all, []);
  }

  change(changed: readonly WireParticipant[], left: readonly string[]): void {
    for (const p of changed) this.people.set(p.id, p);
    for (const id of left) this.people.delete(id);
  }

  /** How the lines of some are now. */
  lines(changed: readonly { participant_id: string; line: LineLevel }[]): void {
    for (const { participant_id, line } of changed) {
      const p = this.people.get(participant_id);
      if (p) this.people.set(p.id, { ...p, line });
    }
  }

  /** Finds out who speaks; true when that changed. */
  listen(arriving: Arriving, now: number): boolean {
    let changed = false;
    for (const id of this.people.keys()) {
      if (arriving.level(id) >= speakingFrom) this.heardAt.set(id, now);
      const speaks = now - (this.heardAt.get(id) ?? 0) < speaksFor;
      if (speaks === this.speaking.has(id)) continue;
      changed = true;
      if (speaks) this.speaking.add(id);
      else this.speaking.delete(id);
    }
    return changed;
  }

  /** Nothing is heard any more. */
  quiet(): void {
    this.speaking.clear();
    this.heardAt.clear();
  }

  clear(): void {
    this.people.clear();
    this.quiet();
  }

  /** Everybody, oneself first, then in the order of their coming. */
  list(own: Own, arriving: Arriving | null): RoomParticipant[] {
    const all = [...this.people.values()].map((p) => this.draw(p, own, arriving));
    return all.sort((a, b) => Number(b.self) - Number(a.self));
  }

  /** The screen that somebody shows, oneself last: the server lets one be shown at a time. */
  shown(own: Own, arriving: Arriving | null): Shown | null {
    for (const p of this.people.values()) {
      if (p.id === this.selfId || !p.screen) continue;
      const stream = arriving?.stream(p.id, 'screen') ?? null;
      return { participantId: p.id, self: false, stream, sound: arriving?.stream(p.id, 'screen_sound') ?? null };
    }
    return own.screen ? { participantId: this.selfId, self: true, stream: own.capture, sound: null } : null;
  }

  private draw(p: WireParticipant, own: Own, arriving: Arriving | null): RoomParticipant {
    const self = p.id === this.selfId;
    const paused = !self && (arriving?.paused(p.id) ?? false);
    return {
      id: p.id,
      appointmentId: p.appointment_id,
      fullName: p.device_name || p.full_name,
      position: p.device_name ? p.full_name : p.position,
      agencyName: p.agency_name,
      agencyShortName: p.agency_short_name,
      role: p.role,
      self,
      mic: self ? own.mic : p.mic,
      camera: self ? own.camera : p.camera,
      screen: self ? own.screen : (p.screen ?? false),
      line: self ? own.line : p.line || null,
      speaking: p.mic && this.speaking.has(p.id),
      paused,
      video: self ? own.preview : paused ? null : (arriving?.stream(p.id, 'video') ?? null),
      audio: self ? null : (arriving?.stream(p.id, 'audio') ?? null),
    };
  }
}
