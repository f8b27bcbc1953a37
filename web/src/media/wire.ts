import type { ServerMessage } from './types';

type Check = (value: unknown) => boolean;

const text: Check = (v) => typeof v === 'string';
const flag: Check = (v) => typeof v === 'boolean';
const number: Check = (v) => typeof v === 'number' && Number.isFinite(v);
const optional =
  (check: Check): Check =>
  (v) =>
    v === undefined || check(v);
const orNull =
  (check: Check): Check =>
  (v) =>
    v === null || check(v);
const list =
  (check: Check): Check =>
  (v) =>
    Array.isArray(v) && v.every(check);
const oneOf =
  (...words: string[]): Check =>
  (v) =>
    typeof v === 'string' && words.includes(v);

/** Of an object: what is named is as it should be, whatever else there is. */
function shape(fields: Record<string, Check>): Check {
  const entries = Object.entries(fields);
  return (v) =>
    typeof v === 'object' &&
    v !== null &&
    entries.every(([name, check]) => check((v as Record<string, unknown>)[name]));
}

const level = oneOf('good', 'weak', 'poor', 'lost');
const person = {
  appointment_id: text,
  full_name: text,
  position: text,
  agency_name: text,
  agency_short_name: text,
};
const participant = shape({
  ...person,
  id: text,
  role: text,
  mic: flag,
  camera: flag,
  screen: optional(flag),
  line: optional(text),
});
const turn = shape({
  ...person,
  id: text,
  item_id: orNull(text),
  topic: text,
  asked_at: text,
  called_at: orNull(text),
  ends_at: orNull(text),
  seconds: number,
  ended_at: orNull(text),
  state: text,
});
const rights = { mic: flag, camera: flag, screen: flag };
const address: Check = (v) => typeof v === 'string' && /^(stun|turn)s?:[^\s]+$/.test(v);
const iceServer = shape({ urls: list(address), username: optional(text), credential: optional(text) });
const kind = oneOf('audio', 'video', 'screen', 'screen_sound');

const messages: Record<ServerMessage['type'], Check> = {
  'room.joined': shape({
    participant_id: text,
    leads: flag,
    ice_servers: list(iceServer),
    participants: list(participant),
    rights: optional(shape(rights)),
  }),
  'room.participants': shape({ changed: list(participant), left: list(text) }),
  'room.tracks': shape({
    tracks: list(shape({ mid: text, participant_id: text, kind, paused: optional(flag) })),
  }),
  'room.answer': shape({ sdp: text }),
  'room.muted': shape({ by: text }),
  'room.rights': shape({ ...rights, leads: optional(flag) }),
  'room.screen_ended': shape({ by: text }),
  'room.floor': shape({
    floor: shape({
      meeting_id: text,
      version: number,
      mode: oneOf('free', 'called'),
      seconds: number,
      now: orNull(turn),
      waiting: list(turn),
      spoken: number,
      server_time: text,
    }),
  }),
  'room.mic_asked': shape({ by: text }),
  'room.layers': shape({ kind: oneOf('video', 'screen'), active: list(flag) }),
  'room.line': shape({
    level,
    why: text,
    loss_up: number,
    loss_down: number,
    round_trip_ms: number,
    up_kbps: number,
    down_kbps: number,
    way: text,
  }),
  'room.lines': shape({ lines: list(shape({ participant_id: text, line: level })) }),
  'room.error': shape({ of: text, key: text }),
  'room.closed': shape({ reason: text }),
};

/** Whether something is a message that the room can be told; what is not is passed over. */
export function isServerMessage(value: unknown): value is ServerMessage {
  if (!shape({ type: text })(value)) return false;
  const { type } = value as { type: string };
  return Object.hasOwn(messages, type) && messages[type as ServerMessage['type']](value);
}
