import type { RoomSnapshot } from '../../../media/types';

/** A participant as the room draws it. */
export interface RoomPerson {
  /** Id in the room; a person with two devices is there twice. */
  id: string;
  appointmentId: string;
  name: string;
  /** "Giám đốc · Sở Tài chính" */
  office: string;
  role: string;
  self: boolean;
  chair: boolean;
  mic: boolean;
  camera: boolean;
  speaking: boolean;
  video: MediaStream | null;
  audio: MediaStream | null;
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
}

export interface RoomActions {
  setMic: (on: boolean) => void;
  setCamera: (on: boolean) => void;
  mute: (personId: string) => void;
  leave: () => void;
}
