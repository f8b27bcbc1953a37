import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { isTyping } from '../lib/keys';

const targets: Record<string, '/' | '/van-ban-den' | '/van-ban-di' | '/cuoc-hop'> = {
  v: '/',
  d: '/van-ban-den',
  i: '/van-ban-di',
  h: '/cuoc-hop',
};

/** `G` and then a letter opens a page, as the interface rules list them. Off while typing. */
export function useGoKeys(): void {
  const navigate = useNavigate();
  useEffect(() => {
    let armedUntil = 0;
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event)) return;
      const key = event.key.toLowerCase();
      const to = targets[key];
      if (key === 'g') {
        armedUntil = event.timeStamp + 1500;
      } else if (to && event.timeStamp < armedUntil) {
        armedUntil = 0;
        event.preventDefault();
        event.stopImmediatePropagation();
        void navigate({ to });
      }
    };
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, [navigate]);
}
