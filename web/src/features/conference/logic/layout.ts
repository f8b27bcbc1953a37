// Which part of the room gets which place on the stage. Pure.

/** The layouts a participant chooses from: Cân đối, Người nói, Tài liệu. */
export type Layout = 'balanced' | 'speaker' | 'paper';

export const layouts: readonly Layout[] = ['balanced', 'speaker', 'paper'];

/** The layout after this one, as the key L turns them. */
export function nextLayout(layout: Layout): Layout {
  return layouts[(layouts.indexOf(layout) + 1) % layouts.length] ?? 'balanced';
}

export interface StageInput {
  layout: Layout;
  /** Sound and picture cannot be had at all; agenda and paper go on. */
  mediaFailed: boolean;
  hasPaper: boolean;
  /** Somebody shows a screen. */
  sharing: boolean;
}

export interface Stage {
  video: 'beside' | 'full' | 'corner' | 'none';
  paper: 'beside' | 'full' | 'corner' | 'none';
}

/**
 * Places of video and paper. Without media the paper has the whole stage, whatever was chosen. A screen
 * that is shown takes the stage with the pictures; whoever chose "Tài liệu" keeps the paper.
 */
export function stageOf({ layout, mediaFailed, hasPaper, sharing }: StageInput): Stage {
  if (mediaFailed) return { video: 'none', paper: 'full' };
  if (sharing && layout !== 'paper') return { video: 'full', paper: hasPaper ? 'corner' : 'none' };
  if (!hasPaper) return layout === 'speaker' ? { video: 'full', paper: 'none' } : { video: 'beside', paper: 'beside' };
  switch (layout) {
    case 'speaker':
      return { video: 'full', paper: 'corner' };
    case 'paper':
      return { video: 'corner', paper: 'full' };
    default:
      return { video: 'beside', paper: 'beside' };
  }
}

/** What the choice of places needs to know of a participant. */
export interface Placed {
  id: string;
  name: string;
  self: boolean;
  chair: boolean;
  speaking: boolean;
  camera: boolean;
  /** Has the floor. */
  floor: boolean;
  /** Place in the queue, from 1; 0: does not ask. */
  hand: number;
}

/**
 * Who has the large picture: whoever has the floor; else whoever speaks; else the one who had it, as long as still here; else the
 * chair, somebody with a camera, anybody. Oneself only when alone, or as nobody else can be shown.
 */
export function featured<P extends Placed>(people: readonly P[], previousId: string | undefined): P | undefined {
  const others = people.filter((p) => !p.self);
  const speaking = others.filter((p) => p.speaking);
  return (
    others.find((p) => p.floor) ??
    speaking.find((p) => p.id === previousId) ??
    speaking[0] ??
    others.find((p) => p.id === previousId) ??
    others.find((p) => p.chair) ??
    others.find((p) => p.camera) ??
    others[0] ??
    people[0]
  );
}

/**
 * The small pictures: everybody but the featured one. Who has the floor, chair and hall, who asks by
 * place in the queue, who speaks, with camera, the rest, oneself last.
 */
export function strip<P extends Placed & { role: string }>(people: readonly P[], featuredId: string | undefined): P[] {
  const rank = (p: P) => {
    if (p.self) return 6;
    if (p.floor) return 0;
    if (p.chair || p.role === 'hall') return 1;
    if (p.hand > 0) return 2;
    return p.speaking ? 3 : p.camera ? 4 : 5;
  };
  return people
    .filter((p) => p.id !== featuredId)
    .sort(
      (a, b) => rank(a) - rank(b) || a.hand - b.hand || a.name.localeCompare(b.name, 'vi') || (a.id < b.id ? -1 : 1),
    );
}
