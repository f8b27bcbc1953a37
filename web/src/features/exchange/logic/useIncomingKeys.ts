import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { isTyping } from '../../../lib/keys';
import type { Delivery } from '../api/deliveries';
import { neighbour } from './arrivals';
import type { Decision } from './useDecision';

interface Options {
  items: readonly Delivery[];
  openId: string | undefined;
  decision: Decision;
  onHelp: () => void;
}

/** J K next and previous, Enter opens (the link has the focus), Esc back, T accept, R refuse, ? help. */
export function useIncomingKeys(options: Options): void {
  const navigate = useNavigate();
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  useEffect(() => {
    const step = (by: 1 | -1) => {
      const { items, openId } = latest.current;
      const focused = (document.activeElement as HTMLElement | null)?.dataset['row'];
      const next = neighbour(
        items.map((d) => d.id),
        openId ?? focused,
        by,
      );
      if (!next) return;
      document.querySelector<HTMLElement>(`[data-row="${next}"]`)?.focus();
      if (openId) void navigate({ to: '/van-ban-den/$deliveryId', params: { deliveryId: next }, search: (s) => s });
    };
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event)) return;
      const { items, openId, decision, onHelp } = latest.current;
      const open = items.find((d) => d.id === openId);
      const decidable = open && open.status === 1 && !decision.pending ? open : null;
      const acts: Record<string, (() => void) | false | null | undefined> = {
        j: () => step(1),
        k: () => step(-1),
        ArrowDown: document.activeElement?.hasAttribute('data-row') && (() => step(1)),
        ArrowUp: document.activeElement?.hasAttribute('data-row') && (() => step(-1)),
        Escape: openId ? () => void navigate({ to: '/van-ban-den', search: (s) => s }) : null,
        t: decidable && (() => decision.accept(decidable)),
        r: decidable && (() => decision.askReason(decidable)),
        '?': onHelp,
      };
      const act = acts[event.key] ?? acts[event.key.toLowerCase()];
      if (!act || event.repeat) return;
      event.preventDefault();
      act();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate]);
}
