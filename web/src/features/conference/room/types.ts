import type { LineLevel, RoomSnapshot } from '../../../media/types';

/** A participant as the room draws it. */
export interface RoomPerson {
  /** Id in the room; a person with two devices is there twice. */
  id: string;
  appointmentId: string;
  name: string;
  /** "Giám đốc · Sở Tài chính" */
  office: string;
  /** Short name of the agency; a point is known by it. */
  agency: string;
  role: string;
  self: boolean;
  chair: boolean;
  mic: boolean;
  camera: boolean;
  speaking: boolean;
  /** Has the floor. */
  floor: boolean;
  /** Place in the queue of speakers, from 1; 0: does not ask. */
  hand: number;
  line: LineLevel | null;
  video: MediaStream | null;
  audio: MediaStream | null;
}

/** A screen that somebody shows. */
export interface SharedScreen {
  by: RoomPerson;
  /** Null until it arrives. */
  stream: MediaStream | null;
  /** Its sound; null when there is none. */
  sound: MediaStream | null;
}

export interface RoomState {
  /** "ended": the server closed it for good, `reason` says why. */
  phase: 'joining' | 'joined' | 'reconnecting' | 'ended';
  /** "failed": for some time nothing flows, although the server answers. */
  media: 'connecting' | 'connected' | 'failed';
  reason: string;
  people: RoomPerson[];
  /** May mute others. */
  leads: boolean;
  mic: boolean;
  camera: boolean;
  mutedBy: string;
  deviceError: RoomSnapshot['deviceError'];
  /** Own appointment; empty before joining. */
  me: string;
  floor: RoomSnapshot['floor'];
  rights: RoomSnapshot['rights'];
  taken: RoomSnapshot['taken'];
  micAskedBy: string;
  shared: SharedScreen | null;
  /** How the own line is, by the server's measure; null in the first seconds. */
  line: RoomSnapshot['line'];
  /** What keeps this page from sending better pictures. */
  limited: RoomSnapshot['limited'];
  /** Shows one's own screen. */
  screen: boolean;
  screenEndedBy: string;
  joinedMuted: boolean;
  micTrouble: RoomSnapshot['micTrouble'];
  loss: RoomSnapshot['loss'];
  stage: RoomSnapshot['stage'];
}

export interface RoomActions {
  setMic: (on: boolean) => void;
  setCamera: (on: boolean) => void;
  /** Undefined where the browser cannot capture a screen. */
  setScreen: ((on: boolean) => void) | undefined;
  mute: (personId: string) => void;
  muteAll: () => void;
  /** Asks somebody to turn the microphone on. */
  askMic: (personId: string) => void;
  /** Leaves the question to turn one's microphone on unanswered. */
  refuseMic: () => void;
  leave: () => void;
}
