import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

interface Pages {
  /** Pages to draw: those in the window and their neighbours. */
  near: ReadonlySet<number>;
  /** The page that fills most of the window. */
  current: number;
  go: (page: number) => void;
}

/** Follows which pages of the desk are seen. */
export function usePages(
  desk: RefObject<HTMLDivElement | null>,
  total: number,
  onPage?: (page: number) => void,
): Pages {
  const [near, setNear] = useState<ReadonlySet<number>>(new Set());
  const [current, setCurrent] = useState(1);
  const told = useRef(onPage);
  useEffect(() => {
    told.current = onPage;
  });
  useEffect(() => {
    const root = desk.current;
    if (!root || total === 0) return;
    const watch = (elements: Element[]) => {
      for (const element of elements) observer.observe(element);
    };
    const observer = new IntersectionObserver(
      (entries) =>
        setNear((before) => {
          const next = new Set(before);
          for (const entry of entries) {
            const number = Number((entry.target as HTMLElement).dataset['page']);
            if (entry.isIntersecting) next.add(number);
            else next.delete(number);
          }
          return next;
        }),
      { root, rootMargin: '60% 0px' },
    );
    watch([...root.querySelectorAll('[data-page]')]);
    const added = new MutationObserver(() => watch([...root.querySelectorAll('[data-page]')]));
    added.observe(root, { childList: true });
    const onScroll = () => {
      const middle = root.scrollTop + root.clientHeight / 3;
      let seen = 1;
      for (const element of root.querySelectorAll<HTMLElement>('[data-page]')) {
        if (element.offsetTop <= middle) seen = Number(element.dataset['page']);
      }
      setCurrent(seen);
    };
    root.addEventListener('scroll', onScroll, { passive: true });
    setCurrent(1);
    root.scrollTop = 0;
    return () => {
      observer.disconnect();
      added.disconnect();
      root.removeEventListener('scroll', onScroll);
    };
  }, [desk, total]);
  useEffect(() => {
    told.current?.(current);
  }, [current]);
  const go = useCallback(
    (page: number) => {
      const target = desk.current?.querySelector<HTMLElement>(`[data-page="${page}"]`);
      if (target && desk.current) desk.current.scrollTop = target.offsetTop - 12;
    },
    [desk],
  );
  return { near, current, go };
}
