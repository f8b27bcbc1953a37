import type { RoomView } from './types';

/** One place for a picture on the page. */
export interface Picture {
  participant: string;
  /** What it shows; null while nothing is there: then it waits for the camera. */
  stream: MediaStream | null;
  /** Of the picture as it is drawn, in pixels of the screen; 0 while it cannot be seen. */
  height: number;
}

/** What the view needs to know of the room. */
export interface Viewed {
  /** Oneself: the own picture needs no sending. */
  self: string;
  /** Whether a stream is a shown screen. */
  isScreen: (stream: MediaStream) => boolean;
  tell: (view: RoomView) => void;
}

/** How long the page may change before the server is told, in milliseconds. */
export const settleFor = 150;

/** Heights are told in steps of so many pixels, so that a page that moves a little says nothing. */
const grain = 20;

/** Nothing is on the screen: the tab is in the background, or shows no picture. */
export const blind: RoomView = { main: '', main_height: 0, tiles: [], tile_height: 0, screen_height: 0 };

/**
 * What of the room is really on the screen, and how large. The elements that draw pictures say so; the server is told
 * when that changed and has settled, so that nothing is sent, and decoded, that nobody sees.
 */
export class OnScreen {
  private readonly pictures = new Map<object, Picture>();
  private room: Viewed | null = null;
  private hidden = false;
  private less: (view: RoomView) => RoomView = (view) => view;
  private told: RoomView | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** A room was joined: it is told all anew. */
  join(room: Viewed): void {
    this.room = room;
    this.told = null;
    this.tell();
  }

  leave(): void {
    this.room = null;
    clearTimeout(this.timer);
  }

  /** An element shows a picture, so high. */
  show(element: object, picture: Picture): void {
    const was = this.pictures.get(element);
    this.pictures.set(element, picture);
    if (was?.participant !== picture.participant || was.stream !== picture.stream || was.height !== picture.height)
      this.later();
  }

  /** An element is gone. */
  drop(element: object): void {
    if (this.pictures.delete(element)) this.later();
  }

  /** The tab went to the background, or came back: both at once. */
  hide(hidden: boolean): void {
    if (this.hidden === hidden) return;
    this.hidden = hidden;
    this.tell();
  }

  /** The line bears less than the page has room for. */
  limit(less: (view: RoomView) => RoomView): void {
    this.less = less;
    this.tell();
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell(), settleFor);
  }

  private tell(): void {
    clearTimeout(this.timer);
    if (!this.room) return;
    const seen = this.hidden ? blind : viewOf([...this.pictures.values()], this.room, this.told?.main ?? '');
    const view = this.less(seen);
    if (this.told && JSON.stringify(view) === JSON.stringify(this.told)) return;
    this.told = view;
    this.room.tell(view);
  }
}

/** The one page of this tab. */
export const onScreen = new OnScreen();

/**
 * What the server needs to know of the pictures on the screen. The largest is the main one; of equals the one that
 * was it before, so that nothing changes without need.
 */
export function viewOf(
  pictures: readonly Picture[],
  room: Pick<Viewed, 'self' | 'isScreen'>,
  mainBefore: string,
): RoomView {
  const view: RoomView = { ...blind, tiles: [] };
  const heights = new Map<string, number>();
  for (const { participant, stream, height } of pictures) {
    const high = Math.ceil(height / grain) * grain;
    if (stream && room.isScreen(stream)) view.screen_height = Math.max(view.screen_height, high);
    else if (participant !== room.self && high > 0)
      heights.set(participant, Math.max(heights.get(participant) ?? 0, high));
  }
  const all = [...heights].sort(([a, x], [b, y]) => y - x || Number(b === mainBefore) - Number(a === mainBefore));
  const [main, ...tiles] = all;
  if (main) [view.main, view.main_height] = main;
  view.tiles = tiles.map(([id]) => id).slice(0, mostTiles);
  view.tile_height = tiles[0]?.[1] ?? 0;
  return view;
}

/** The server takes no more names. */
const mostTiles = 64;

/** How a picture fills its place: whole, or cut off where it does not fit. */
export type Fit = 'contain' | 'cover';

/** How high a picture of 16 to 9 is drawn in a box, in pixels of the screen. */
export function drawnHeight(box: { width: number; height: number }, fit: Fit, ratio: number): number {
  const byWidth = (box.width * 9) / 16;
  const high = fit === 'contain' ? Math.min(box.height, byWidth) : Math.max(box.height, byWidth);
  return box.width === 0 || box.height === 0 ? 0 : high * ratio;
}
