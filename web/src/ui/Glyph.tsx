import type { ReactElement } from 'react';

/** Shapes of states. Each can be told from the others without colour. */
export type Shape =
  | 'dashed'
  | 'quarter'
  | 'half'
  | 'threeQuarters'
  | 'ring'
  | 'check'
  | 'cross'
  | 'back'
  | 'minus'
  | 'dot';
/** Colours of states, names of tokens. */
export type Tone = 'muted' | 'red' | 'amber' | 'accent' | 'green' | 'gold' | 'text';

/** Token of a tone. */
export function toneColor(tone: Tone): string {
  if (tone === 'muted') return 'var(--text-3)';
  return tone === 'text' ? 'var(--text)' : `var(--${tone})`;
}

const slices: Partial<Record<Shape, string>> = {
  quarter: 'M8 8V3.6A4.4 4.4 0 0 1 12.4 8z',
  half: 'M8 3.6a4.4 4.4 0 0 1 0 8.8z',
  threeQuarters: 'M8 8H3.6A4.4 4.4 0 1 0 8 3.6z',
};
const strokes: Partial<Record<Shape, string>> = {
  check: 'M5 8.2l2.1 2.1L11.2 6',
  cross: 'M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6',
  back: 'M11 8H5.4M7.6 5.6L5.2 8l2.4 2.4',
  minus: 'M5.2 8h5.6',
};

/** The shape of a state, 16 px, in the current colour. Decorative: the word stands beside it. */
export function Glyph({ shape, size = 16 }: { shape: Shape; size?: number }): ReactElement {
  const slice = slices[shape];
  const stroke = strokes[shape];
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {stroke ? (
        <>
          <circle cx="8" cy="8" r="7.2" fill="currentColor" />
          <path
            d={stroke}
            fill="none"
            stroke="var(--surface)"
            strokeWidth="1.7"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </>
      ) : shape === 'dot' ? (
        <circle cx="8" cy="8" r="4" fill="currentColor" />
      ) : (
        <circle
          cx="8"
          cy="8"
          r="6.4"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.7"
          {...(shape === 'dashed' ? { strokeDasharray: '2.6 1.9' } : {})}
        />
      )}
      {slice && <path d={slice} fill="currentColor" />}
    </svg>
  );
}
