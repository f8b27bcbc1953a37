/** What a person of the room shows of itself; docs/live-protocol.md. */
export interface WireParticipant {
  id: string;
  appointment_id: string;
  full_name: string;
  position: string;
  agency_name: string;
  agency_short_name: string;
  role: 'chair' | 'secretary' | 'member' | 'observer';
  mic: boolean;
  camera: boolean;
}

export interface WireTrack {
  mid: string;
  participant_id: string;
  kind: 'audio' | 'video' | 'screen' | 'screen_sound';
}

/** What an m-line that receives is for. */
export type SlotRole = 'voice' | 'main' | 'tile' | 'screen' | 'screen_sound';

export interface WireIceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

/** What the server says in a room. */
export type ServerMessage =
  | {
      type: 'room.joined';
      participant_id: string;
      leads: boolean;
      ice_servers: WireIceServer[];
      participants: WireParticipant[];
    }
  | { type: 'room.participants'; changed: WireParticipant[]; left: string[] }
  | { type: 'room.tracks'; tracks: WireTrack[] }
  | { type: 'room.answer'; sdp: string }
  | { type: 'room.muted'; by: string }
  | { type: 'room.error'; of: string; key: string }
  | { type: 'room.closed'; reason: string };

/** What a page says in a room. */
export type ClientMessage =
  | { type: 'room.join'; meeting_id: string; device: string; mic: boolean; camera: boolean }
  | { type: 'room.offer'; sdp: string; roles: Record<string, SlotRole> }
  | { type: 'room.media'; mic: boolean; camera: boolean }
  | { type: 'room.mute'; participant_id: string }
  | { type: 'room.leave' };

/** The road to the server: the tab's socket, or a test. */
export interface Signalling {
  /** False when the road is not open now; `onOpen` tells when it is. */
  send(message: ClientMessage): boolean;
  onMessage(handle: (message: ServerMessage) => void): () => void;
  /** Called each time a new connection stands: what was joined on the one before is gone. */
  onOpen(handle: () => void): () => void;
}

export type RoomPhase =
  | 'idle'
  | 'connecting'
  | 'joined'
  /** The line broke; it comes back by itself. */
  | 'reconnecting'
  /** By the person's own wish. */
  | 'left'
  /** For good; `reason` says why. */
  | 'failed';

export interface RoomParticipant {
  /** Id in the room; a person with two devices is there twice. */
  id: string;
  appointmentId: string;
  fullName: string;
  position: string;
  agencyName: string;
  agencyShortName: string;
  role: WireParticipant['role'];
  self: boolean;
  mic: boolean;
  camera: boolean;
  speaking: boolean;
  /** Null until something arrives; for oneself the own camera. */
  video: MediaStream | null;
  audio: MediaStream | null;
}

export type DeviceKind = 'mic' | 'camera';

/** What a page shows of the room. Every change is a new object. */
export interface RoomSnapshot {
  phase: RoomPhase;
  /** Message key ("meeting.too_early") or reason of the end ("replaced", "meeting_closed"); empty while all is well. */
  reason: string;
  /** Whether sound and pictures flow, apart from whether one is in the room. */
  media: 'connecting' | 'connected' | 'broken';
  /** Oneself first, then the others in the order of their coming. */
  participants: RoomParticipant[];
  /** May mute others: chair and secretary. */
  leads: boolean;
  mic: boolean;
  camera: boolean;
  /** Who muted the microphone last; empty after turning it on again. */
  mutedBy: string;
  /** Turning a device on failed. */
  deviceError: { kind: DeviceKind; error: unknown } | null;
}

export interface RoomStats {
  participantId: string;
  framesDecoded: number;
  audioPackets: number;
  packetsLost: number;
}
