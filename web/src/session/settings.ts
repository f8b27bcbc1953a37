/** Sizes of text that a person can choose, in percent of the browser's size. */
export const fontSizes = ['100', '112', '125'] as const;
export type FontSize = (typeof fontSizes)[number];

const storageKey = 'nghisu.fontSize';

/** The chosen size of text. public/scheme.js applies it before the first paint. */
export function fontSize(): FontSize {
  try {
    const value = localStorage.getItem(storageKey);
    return fontSizes.find((size) => size === value) ?? '100';
  } catch {
    return '100';
  }
}

/** Applies a size of text and keeps it in this browser. */
export function chooseFontSize(size: FontSize): void {
  document.documentElement.style.fontSize = size === '100' ? '' : `${size}%`;
  try {
    localStorage.setItem(storageKey, size);
  } catch {
    // the choice then lasts until the page is closed
  }
}
