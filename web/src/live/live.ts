import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { LiveClient, type LiveStatus, type SocketLike } from './client';

/** The socket of this tab. The shell starts it when a person is signed in. */
export const live = new LiveClient({
  open: () => {
    const url = new URL('/api/v1/live', window.location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    return new WebSocket(url) as unknown as SocketLike;
  },
  probe: async () => {
    const response = await fetch('/api/v1/me', { cache: 'no-store' });
    if (response.status >= 500) throw new Error(`status ${response.status}`);
  },
});

/** Topics of the server: "kind:uuid". */
export const topic = {
  agency: (id: string) => `agency:${id}`,
  person: (id: string) => `person:${id}`,
  document: (id: string) => `document:${id}`,
  delivery: (id: string) => `delivery:${id}`,
  meeting: (id: string) => `meeting:${id}`,
  /** Who is in the room of a meeting. */
  room: (id: string) => `room:${id}`,
};

type Topics = readonly (string | null | undefined | false)[];

/** Reads the queries again whenever one of the topics changed. Empty topics are left out. */
export function useLive(topics: Topics, keys: readonly QueryKey[]): void {
  const client = useQueryClient();
  useLiveChange(topics, () => {
    for (const queryKey of keys) void client.invalidateQueries({ queryKey });
  });
}

/** Calls `changed` whenever one of the topics changed. */
export function useLiveChange(topics: Topics, changed: () => void): void {
  const latest = useRef(changed);
  useEffect(() => {
    latest.current = changed;
  });
  const names = topics.filter(Boolean).join(' ');
  useEffect(() => {
    const ends = names
      .split(' ')
      .filter(Boolean)
      .map((name) => live.watch(name, () => latest.current()));
    return () => {
      for (const end of ends) end();
    };
  }, [names]);
}

/** Reads the queries again when hints begin to arrive: what changed between reading and listening, nobody told. */
export function useLiveBeginning(keys: readonly QueryKey[]): void {
  const client = useQueryClient();
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(
    () =>
      live.onBeginning(() => {
        for (const queryKey of latest.current) void client.invalidateQueries({ queryKey });
      }),
    [client],
  );
}

const follow = (changed: () => void) => live.onStatus(changed);

/** How fresh the page is. */
export function useLiveStatus(): LiveStatus {
  return useSyncExternalStore(follow, () => live.status);
}
