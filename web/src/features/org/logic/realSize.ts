/** A size in mm, as administrators type it; empty while it is being typed. */
export interface Typed {
  width: number | '';
  height: number | '';
}

/** Sizes that are taken, in mm. */
export const leastMm = 5;
export const mostMm = 120;

const tenth = (mm: number) => Math.round(mm * 10) / 10;

/** Usual widths: a round seal of 36 mm, a signature as people write it. */
const usual = { seal: 36, signature: 50 } as const;

/** The size with which a picture of these pixels begins: the usual width, in the shape of the picture. */
export function usualSize(kind: keyof typeof usual, pixels: { width: number; height: number }): Typed {
  return inShape({ width: usual[kind], height: '' }, 'width', pixels);
}

/** The other side follows the one that was typed, so that nothing is drawn out of shape. */
export function inShape(typed: Typed, side: keyof Typed, pixels: { width: number; height: number }): Typed {
  const value = typed[side];
  if (value === '' || !(pixels.width > 0 && pixels.height > 0)) return typed;
  return side === 'width'
    ? { width: value, height: tenth((value * pixels.height) / pixels.width) }
    : { width: tenth((value * pixels.width) / pixels.height), height: value };
}

/** Whether a side can be kept. */
export function fits(mm: number | ''): mm is number {
  return mm !== '' && mm >= leastMm && mm <= mostMm;
}
