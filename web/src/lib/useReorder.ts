import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';

export interface Reorder {
  /** Index being dragged, and the index it would land on. */
  drag: { from: number; to: number } | null;
  /** Props of a row's handle. */
  handle: (index: number) => {
    onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    onPointerMove: (event: PointerEvent<HTMLElement>) => void;
    onPointerUp: (event: PointerEvent<HTMLElement>) => void;
    onPointerCancel: () => void;
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  };
  /** Ref of the list element whose children are the rows. */
  listRef: (element: HTMLElement | null) => void;
}

/** Reordering of a list by its rows' handles: dragged with mouse, pen or finger, or Alt with the arrow keys. */
export function useReorder(length: number, onMove: (from: number, to: number) => void): Reorder {
  const list = useRef<HTMLElement | null>(null);
  const [drag, setDrag] = useState<Reorder['drag']>(null);

  return {
    drag,
    listRef: (element) => {
      list.current = element;
    },
    handle: (index) => ({
      onPointerDown: (event) => {
        if (event.button !== 0) return;
        event.preventDefault();
        event.currentTarget.focus();
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ from: index, to: index });
      },
      onPointerMove: (event) => {
        if (!drag || drag.from !== index) return;
        const to = placeAt(list.current, event.clientY, drag.from);
        if (to !== drag.to) setDrag({ from: drag.from, to });
      },
      onPointerUp: () => {
        if (drag && drag.from === index && drag.to !== drag.from) onMove(drag.from, drag.to);
        setDrag(null);
      },
      onPointerCancel: () => setDrag(null),
      onKeyDown: (event) => {
        if (event.key === 'Escape') setDrag(null);
        if (!event.altKey) return;
        const to = event.key === 'ArrowUp' ? index - 1 : event.key === 'ArrowDown' ? index + 1 : -1;
        if (to < 0 || to >= length) return;
        event.preventDefault();
        onMove(index, to);
      },
    }),
  };
}

// The place a row dragged to this height would take: how many of the other rows have their middle above it.
function placeAt(list: HTMLElement | null, y: number, from: number): number {
  if (!list) return from;
  let above = 0;
  Array.from(list.children).forEach((row, index) => {
    if (index === from) return;
    const box = row.getBoundingClientRect();
    if (box.top + box.height / 2 < y) above += 1;
  });
  return above;
}
