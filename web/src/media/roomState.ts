import { allRights } from './rights';
import type { RoomSnapshot } from './types';

/** A room that one has not joined yet. */
export const outside: RoomSnapshot = {
  phase: 'idle',
  reason: '',
  media: 'connecting',
  participants: [],
  leads: false,
  mic: false,
  camera: false,
  screen: false,
  screenEndedBy: '',
  shown: null,
  mutedBy: '',
  deviceError: null,
  micTrouble: null,
  rights: allRights,
  taken: {},
  floor: null,
  micAskedBy: '',
  joinedMuted: false,
  line: null,
  limited: '',
  loss: 'none',
  stage: 'full',
};

/** Refusals that may pass by themselves; every other one is for good. */
const passing = new Set([
  'conference.other_node',
  'conference.media_failed',
  'conference.unavailable',
  'database.unavailable',
  'database.busy',
  'internal',
]);

/** Reasons to close that ask for joining anew. */
const comeBack = new Set(['media_failed', 'bad_description', 'server_stopping', 'moved']);

/** Whether a refusal to join, by its key, or an end, by its reason, is not for good. */
export function mayPass(reason: string): boolean {
  return passing.has(reason) || comeBack.has(reason);
}
