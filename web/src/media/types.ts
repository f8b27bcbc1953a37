import type { DegradeStage } from './degrade';
import type { LineLoss } from './lineWatch';
import type { MicTrouble } from './micWatch';

/** What a person of the room shows of itself; docs/live-protocol.md. */
export interface WireParticipant {
  id: string;
  appointment_id: string;
  full_name: string;
  position: string;
  agency_name: string;
  agency_short_name: string;
  role: 'chair' | 'secretary' | 'operator' | 'hall' | 'point' | 'member' | 'observer';
  mic: boolean;
  camera: boolean;
  /** Shows a screen. */
  screen?: boolean;
  /** Empty in the first seconds. */
  line?: LineLevel | '';
  /** Of a room device in the person's place; empty for the person's own page. */
  device_name?: string;
}

/** How a line is, in a word. */
export type LineLevel = 'good' | 'weak' | 'poor' | 'lost';

/** What makes a line what it is; empty for a good one. */
export type LineWhy =
  | ''
  | 'not_connected'
  | 'silent'
  | 'no_media'
  | 'loss_up'
  | 'loss_down'
  | 'few_packets'
  | 'round_trip'
  | 'narrow_up'
  | 'narrow_down'
  | 'returned';

/** The way of media; empty while it is not known. */
export type MediaWay = '' | 'udp' | 'tcp' | 'relay_udp' | 'relay_tcp' | 'relay_tls';

/** How the own line is, as the server measures it over six seconds. Losses are percent. */
export interface LineNews {
  level: LineLevel;
  why: LineWhy;
  loss_up: number;
  loss_down: number;
  round_trip_ms: number;
  up_kbps: number;
  down_kbps: number;
  way: MediaWay;
}

/** What only the page can measure of its line; docs/live-protocol.md. */
export interface PageQuality {
  freezes: number;
  frozen_ms: number;
  fps: number;
  width: number;
  /** Share of the sound that had to be made up, 0 to 1. */
  concealed: number;
  decode_ms: number;
  round_trip_ms: number;
  way: MediaWay;
  limited: '' | 'bandwidth' | 'cpu';
}

/** What one may send now. */
export interface Rights {
  mic: boolean;
  camera: boolean;
  screen: boolean;
}

/** One turn to speak. Times are ISO 8601. */
export interface Turn {
  id: string;
  appointment_id: string;
  full_name: string;
  position: string;
  agency_name: string;
  agency_short_name: string;
  item_id: string | null;
  topic: string;
  /** False for who was called without asking. */
  asked?: boolean;
  asked_at: string;
  called_at: string | null;
  ends_at: string | null;
  seconds: number;
  ended_at: string | null;
  state: 'waiting' | 'speaking' | 'spoken' | 'withdrawn' | 'removed';
}

/** The queue of speakers; the same shape as over HTTP. */
export interface Floor {
  meeting_id: string;
  version: number;
  /** free: everybody but observers may use the microphone; called: who leads, the hall, and who has the floor. */
  mode: 'free' | 'called';
  /** False when the mode follows from the number of the invited. */
  mode_chosen?: boolean;
  seconds: number;
  now: Turn | null;
  waiting: Turn[];
  spoken: number;
  server_time: string;
}

export interface WireTrack {
  mid: string;
  participant_id: string;
  kind: 'audio' | 'video' | 'screen' | 'screen_sound';
  /** The own line does not take the picture now. */
  paused?: boolean;
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
      /** Absent: everything may be sent. */
      rights?: Rights;
    }
  | { type: 'room.participants'; changed: WireParticipant[]; left: string[] }
  | { type: 'room.tracks'; tracks: WireTrack[] }
  | { type: 'room.answer'; sdp: string }
  | { type: 'room.muted'; by: string }
  | { type: 'room.rights'; mic: boolean; camera: boolean; screen: boolean; leads?: boolean }
  | { type: 'room.screen_ended'; by: string }
  | { type: 'room.floor'; floor: Floor }
  | { type: 'room.mic_asked'; by: string }
  | { type: 'room.layers'; kind: 'video' | 'screen'; active: boolean[] }
  | ({ type: 'room.line' } & LineNews)
  | { type: 'room.lines'; lines: { participant_id: string; line: LineLevel }[] }
  | { type: 'room.error'; of: string; key: string }
  | { type: 'room.closed'; reason: string };

/** What a page says in a room. */
export type ClientMessage =
  | {
      type: 'room.join';
      meeting_id: string;
      device: string;
      mic: boolean;
      camera: boolean;
      screen?: boolean;
      other?: OtherDevice;
    }
  | { type: 'room.offer'; sdp: string; roles: Record<string, SlotRole> }
  | ({ type: 'room.media' } & Rights)
  | ({ type: 'room.view' } & RoomView)
  | { type: 'room.mute'; participant_id: string }
  | { type: 'room.mute_all' }
  | { type: 'room.ask_mic'; participant_id: string }
  | ({ type: 'room.quality' } & PageQuality)
  | { type: 'room.leave' };

/** What becomes of another device of the same person that is in the room: ask, end it, leave both. */
export type OtherDevice = '' | 'replace' | 'keep';

/** What a page has room for: pixels of height, and whose pictures are on the screen. */
export interface RoomView {
  main: string;
  main_height: number;
  tiles: string[];
  tile_height: number;
  screen_height: number;
}

/** The road to the server: the tab's socket, or a test. */
export interface Signalling {
  /** False when the road is not open now; `onOpen` tells when it is. */
  send(message: ClientMessage): boolean;
  onMessage(handle: (message: ServerMessage) => void): () => void;
  /** Called each time a new connection stands: what was joined on the one before is gone. */
  onOpen(handle: () => void): () => void;
  /** A connection stands, as far as known. */
  isUp(): boolean;
  /** Asks the connection for a sign of life; without one a new connection is made soon. */
  nudge(): void;
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
  screen: boolean;
  line: LineLevel | null;
  speaking: boolean;
  /** The own line does not take the picture now. */
  paused: boolean;
  /** Null until something arrives, and while it is paused; for oneself the own camera. */
  video: MediaStream | null;
  audio: MediaStream | null;
}

export type DeviceKind = 'mic' | 'camera';

/** Everything that one can send, as a person sees it. */
export type SendKind = keyof Rights;

/** Everything that one can send, as the line sees it. */
export type SendTrack = DeviceKind | 'screen' | 'screen_sound';

/** The screen that is shown in the room. */
export interface Shown {
  participantId: string;
  self: boolean;
  /** Null until something arrives; for oneself what is captured. */
  stream: MediaStream | null;
  /** Its sound; null for oneself, and when there is none. */
  sound: MediaStream | null;
}

/** Why something was turned off without the person: the own turn ended, or the right to send went otherwise. */
export type TakenWhy = 'turn_ended' | 'no_right';

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
  deviceError: { kind: SendKind; error: unknown } | null;
  /** What is wrong with the own microphone. */
  micTrouble: MicTrouble | null;
  /** What one may send now. */
  rights: Rights;
  /** What was on and was turned off because the right to it ended; gone when it comes back. */
  taken: Partial<Record<SendKind, TakenWhy>>;
  /** The queue of speakers; null until the server told it. */
  floor: Floor | null;
  /** Who asks to turn the microphone on; empty when nobody does, or after answering. */
  micAskedBy: string;
  /** The server let one in with the microphone off although it was on: a large meeting. */
  joinedMuted: boolean;
  /** One's own screen is shown. */
  screen: boolean;
  /** Who began to show a screen and so ended one's own; empty after showing again. */
  screenEndedBy: string;
  /** The screen that is shown now, by whomever. */
  shown: Shown | null;
  /** What of the line is cut off, for some seconds already. */
  loss: LineLoss;
  /** How much of the meeting the line bears. */
  stage: DegradeStage;
  /** How the own line is, as the server and the page measure it; null until told. */
  line: LineNews | null;
  /** What keeps the page from sending better pictures. */
  limited: PageQuality['limited'];
}

export interface RoomStats {
  participantId: string;
  framesDecoded: number;
  audioPackets: number;
  packetsLost: number;
}
