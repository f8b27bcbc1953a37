import type { RoomParticipant, RoomSnapshot } from '../../../media/types';
import type { RoomPerson, RoomState } from './types';

/** What the room draws, from what the media client knows. `stalled`: no media for some time while the server answers. */
export function viewOf(snapshot: RoomSnapshot, stalled: boolean): RoomState {
  const { phase, reason, participants, leads, mic, camera, mutedBy, deviceError } = snapshot;
  return {
    phase: phases[phase],
    media: stalled ? 'failed' : snapshot.media === 'connected' ? 'connected' : 'connecting',
    reason,
    people: participants.map(personOf),
    leads,
    mic,
    camera,
    mutedBy,
    deviceError,
  };
}

const phases: Record<RoomSnapshot['phase'], RoomState['phase']> = {
  idle: 'joining',
  connecting: 'joining',
  joined: 'joined',
  reconnecting: 'reconnecting',
  left: 'joining',
  failed: 'ended',
};

function personOf(p: RoomParticipant): RoomPerson {
  return {
    id: p.id,
    appointmentId: p.appointmentId,
    name: p.fullName,
    office: [p.position, p.agencyShortName || p.agencyName].filter(Boolean).join(' · '),
    role: p.role,
    self: p.self,
    chair: p.role === 'chair',
    mic: p.mic,
    camera: p.camera,
    speaking: p.speaking,
    video: p.video,
    audio: p.audio,
  };
}
