import type { Floor, RoomParticipant, RoomSnapshot } from '../../../media/types';
import { standingOf } from '../logic/floor';
import type { RoomPerson, RoomState } from './types';

/** What the room draws, from what the media client knows. `stalled`: no media for some time while the server answers. */
export function viewOf(snapshot: RoomSnapshot, stalled: boolean): RoomState {
  const { phase, reason, participants, leads, mic, camera, mutedBy, deviceError } = snapshot;
  const { floor, rights, taken, micAskedBy, screen, screenEndedBy, joinedMuted, micTrouble, loss, stage } = snapshot;
  const people = participants.map((p) => personOf(p, floor));
  const by = people.find((person) => person.id === snapshot.shown?.participantId);
  return {
    phase: phases[phase],
    media: stalled ? 'failed' : snapshot.media === 'connected' ? 'connected' : 'connecting',
    reason,
    people,
    leads,
    mic,
    camera,
    mutedBy,
    deviceError,
    me: participants.find((p) => p.self)?.appointmentId ?? '',
    floor,
    rights,
    taken,
    micAskedBy,
    line: snapshot.line,
    limited: snapshot.limited,
    shared: by && snapshot.shown ? { by, stream: snapshot.shown.stream, sound: snapshot.shown.sound } : null,
    screen,
    screenEndedBy,
    joinedMuted,
    micTrouble,
    loss,
    stage,
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

function personOf(p: RoomParticipant, floor: Floor | null): RoomPerson {
  const agency = p.agencyShortName || p.agencyName;
  const standing = standingOf(floor, p.appointmentId);
  return {
    id: p.id,
    appointmentId: p.appointmentId,
    name: p.fullName,
    office: [p.position, agency].filter(Boolean).join(' · '),
    agency,
    role: p.role,
    self: p.self,
    chair: p.role === 'chair',
    mic: p.mic,
    camera: p.camera,
    speaking: p.speaking,
    floor: standing.kind === 'speaking',
    hand: standing.kind === 'waiting' ? standing.place : 0,
    line: p.line,
    video: p.video,
    audio: p.audio,
  };
}
