// A room client on stand-ins, for tests.

import { vi } from 'vitest';
import { FakeConnection, FakeStream, FakeTrack } from './fakes';
import { RoomClient } from './roomClient';
import type { RoomOptions } from './roomOptions';
import type { ClientMessage, ServerMessage, Signalling, WireParticipant } from './types';

export const chair: WireParticipant = {
  id: 'p1',
  appointment_id: 'a1',
  full_name: 'Nguyễn Hữu Thành',
  position: 'Chủ tịch',
  agency_name: 'UBND thành phố',
  agency_short_name: 'UBND TP',
  role: 'chair',
  mic: true,
  camera: true,
};
export const me: WireParticipant = {
  ...chair,
  id: 'me',
  appointment_id: 'a2',
  full_name: 'Vũ Đình Khải',
  role: 'member',
};

export function setup(change: Partial<RoomOptions> = {}) {
  const sent: ClientMessage[] = [];
  const connections: FakeConnection[] = [];
  let hear: (message: ServerMessage) => void = () => undefined;
  let open: () => void = () => undefined;
  let networkChanged: () => void = () => undefined;
  const road = { up: true, nudges: 0 };
  const signalling: Signalling = {
    send: (message) => {
      if (road.up) sent.push(message);
      return road.up;
    },
    onMessage: (handle) => {
      hear = handle;
      return () => {
        hear = () => undefined;
      };
    },
    onOpen: (handle) => {
      open = handle;
      return () => {
        open = () => undefined;
      };
    },
    isUp: () => road.up,
    nudge: () => {
      road.nudges += 1;
    },
  };
  const getUserMedia = vi.fn((constraints: MediaStreamConstraints) =>
    Promise.resolve(new FakeStream([new FakeTrack(constraints.audio ? 'audio' : 'video')]) as unknown as MediaStream),
  );
  const client = new RoomClient({
    meetingId: 'm1',
    device: 'tab',
    signalling,
    mic: true,
    camera: true,
    connect: () => {
      const made = new FakeConnection();
      connections.push(made);
      return made as unknown as RTCPeerConnection;
    },
    getUserMedia,
    random: () => 1,
    network: (changed) => {
      networkChanged = changed;
      return () => {
        networkChanged = () => undefined;
      };
    },
    ...change,
  });
  return {
    client,
    sent,
    connections,
    getUserMedia,
    road,
    say: (message: ServerMessage) => hear(message),
    reopen: () => open(),
    changeNetwork: () => networkChanged(),
    joins: () => sent.filter((m) => m.type === 'room.join').length,
    last: () => {
      const made = connections.at(-1);
      if (!made) throw new Error('no connection was made');
      return made;
    },
  };
}

export const joined: ServerMessage = {
  type: 'room.joined',
  participant_id: 'me',
  leads: false,
  ice_servers: [],
  participants: [chair, me],
};

/** Lets promises that are done run their handlers. */
export const settle = () => vi.advanceTimersByTimeAsync(0);

/** A client that has joined and whose media flow. */
export async function inside(change: Partial<RoomOptions> = {}) {
  const room = setup(change);
  await room.client.join();
  room.say(joined);
  await settle();
  room.say({ type: 'room.answer', sdp: 'server answers' });
  await settle();
  room.last().become('connected');
  return room;
}
