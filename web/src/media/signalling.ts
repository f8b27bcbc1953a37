import type { LiveClient } from '../live/client';
import type { ServerMessage, Signalling } from './types';

/** The room's messages over the tab's socket. A hello is the first message of every new socket. */
export function signallingOver(live: LiveClient): Signalling {
  return {
    send: (message) => live.send({ ...message }),
    onMessage: (handle) => live.on('room.', (message) => handle(message as unknown as ServerMessage)),
    onOpen: (handle) => live.on('hello', handle),
    isUp: () => live.isOpen,
    nudge: () => live.nudge(),
  };
}
