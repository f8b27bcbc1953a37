import { type RefObject, useEffect, useState } from 'react';

/** A page counts as looked at when half of it, or this share of the window, was filled by it. */
const half = 0.5;

/** How many different pages of the paper at this address were in the window so far. */
export function useSeen(desk: RefObject<HTMLDivElement | null>, url: string, total: number): number {
  const [seen, setSeen] = useState<{ url: string; pages: ReadonlySet<number> }>({ url, pages: new Set() });
  useEffect(() => {
    const root = desk.current;
    if (!root || total === 0) return;
    const observer = new IntersectionObserver(
      (entries) => {
        const now = entries
          .filter((e) => e.intersectionRatio >= half || e.intersectionRect.height >= half * root.clientHeight)
          .map((e) => Number((e.target as HTMLElement).dataset['page']));
        if (now.length === 0) return;
        setSeen((before) => {
          const pages = before.url === url ? before.pages : new Set<number>();
          return now.every((page) => pages.has(page)) ? before : { url, pages: new Set([...pages, ...now]) };
        });
      },
      { root, threshold: [0.05, 0.1, 0.2, 0.3, 0.4, half, 0.75, 1] },
    );
    for (const page of root.querySelectorAll('[data-page]')) observer.observe(page);
    return () => observer.disconnect();
  }, [desk, url, total]);
  return seen.url === url ? seen.pages.size : 0;
}
