/** What a field of a paper is for. */
export type FieldKind = 'person' | 'number' | 'date' | 'seal';

/** A place on a page, in millimetres from its top left. */
export interface Place {
  page: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A field with where its place comes from: a name found on the page, the rule, or a person's hand. */
export interface LayoutField extends Place {
  kind: FieldKind;
  source: 'found' | 'default' | 'placed';
}

/** A page of the paper, in millimetres. */
export interface PaperPage {
  number: number;
  width: number;
  height: number;
}

/** The order in which fields are told and reached. */
export const fieldKinds: readonly FieldKind[] = ['person', 'seal', 'number', 'date'];

/** No field is smaller than this, in millimetres: it could neither be read nor caught. */
const smallest: Record<FieldKind, { width: number; height: number }> = {
  person: { width: 15, height: 8 },
  seal: { width: 15, height: 15 },
  number: { width: 8, height: 4 },
  date: { width: 20, height: 4 },
};

/** Millimetres that one press of an arrow moves; with Shift. */
export const stepSize = { fine: 1, coarse: 10 } as const;

const round = (mm: number) => Math.round(mm * 10) / 10;
const between = (low: number, value: number, high: number) => Math.min(Math.max(value, low), Math.max(low, high));

/** The place made to fit its page whole. */
export function within<T extends Place>(place: T, kind: FieldKind, page: PaperPage): T {
  const width = round(between(smallest[kind].width, place.width, page.width));
  const height = round(between(smallest[kind].height, place.height, page.height));
  return {
    ...place,
    page: page.number,
    width,
    height,
    x: round(between(0, place.x, page.width - width)),
    y: round(between(0, place.y, page.height - height)),
  };
}

/** The field moved by so many millimetres; it stays on its page. */
export function moved(field: LayoutField, dx: number, dy: number, page: PaperPage): LayoutField {
  return { ...within({ ...field, x: field.x + dx, y: field.y + dy }, field.kind, page), source: 'placed' };
}

/** The field made larger or smaller at its lower right corner; the seal stays round. */
export function resized(field: LayoutField, dx: number, dy: number, page: PaperPage): LayoutField {
  const width = between(smallest[field.kind].width, field.width + dx, page.width - field.x);
  const height = between(smallest[field.kind].height, field.height + dy, page.height - field.y);
  if (field.kind !== 'seal') return { ...field, width: round(width), height: round(height), source: 'placed' };
  const wish = field.width + (Math.abs(dx) >= Math.abs(dy) ? dx : dy);
  const side = round(between(smallest.seal.width, wish, Math.min(page.width - field.x, page.height - field.y)));
  return { ...field, width: side, height: side, source: 'placed' };
}

/** What an arrow key asks for, in millimetres, or null for other keys. */
export function arrow(key: string, shift: boolean): { dx: number; dy: number } | null {
  const step = shift ? stepSize.coarse : stepSize.fine;
  switch (key) {
    case 'ArrowLeft':
      return { dx: -step, dy: 0 };
    case 'ArrowRight':
      return { dx: step, dy: 0 };
    case 'ArrowUp':
      return { dx: 0, dy: -step };
    case 'ArrowDown':
      return { dx: 0, dy: step };
    default:
      return null;
  }
}

/** The field on another page, at the same place as far as that page allows. */
export function onPage(field: LayoutField, page: PaperPage): LayoutField {
  return { ...within(field, field.kind, page), source: 'placed' };
}

/** Fields in their order, each kind once. */
export function inOrder(fields: readonly LayoutField[]): LayoutField[] {
  return fieldKinds.flatMap((kind) => fields.find((f) => f.kind === kind) ?? []);
}

/** The place as shares of its page in percent, for drawing over a page of any size. */
export function shares(place: Place, page: PaperPage): { left: string; top: string; width: string; height: string } {
  const percent = (part: number, whole: number) => `${Math.round((part / whole) * 100_000) / 1000}%`;
  return {
    left: percent(place.x, page.width),
    top: percent(place.y, page.height),
    width: percent(place.width, page.width),
    height: percent(place.height, page.height),
  };
}
