import type { MakeConnection } from './connection';
import type { GetDisplayMedia, GetUserMedia } from './localMedia';
import type { Ear } from './micMonitor';
import type { NetworkChanges } from './network';
import type { OtherDevice, Signalling } from './types';
import type { OnScreen } from './view';

/** How a room is joined. */
export interface RoomOptions {
  meetingId: string;
  /** `deviceName()`. */
  device: string;
  signalling: Signalling;
  mic: boolean;
  camera: boolean;
  micDeviceId?: string;
  cameraDeviceId?: string;
  /** What becomes of another device of the same person; empty asks. */
  other?: OtherDevice;
  /** What of the room is on the screen; the page of this tab unless a test says otherwise. */
  view?: OnScreen;
  /** For tests. */
  connect?: MakeConnection;
  getUserMedia?: GetUserMedia;
  getDisplayMedia?: GetDisplayMedia;
  random?: () => number;
  network?: NetworkChanges;
  listen?: (track: MediaStreamTrack) => Ear | null;
}
