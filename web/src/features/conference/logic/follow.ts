// Which paper a participant reads: the one of the item that the chair called, or one of their own choice. Pure.

/** The agenda as far as reading goes. */
export interface ReadableItem {
  id: string;
  papers: readonly { id: string }[];
}

export interface Follow {
  /** true: "Theo chủ tọa"; false: "Xem riêng". */
  following: boolean;
  itemId: string | undefined;
  paperId: string | undefined;
}

export type FollowAction =
  /** The agenda was read, or the chair called another item. */
  | { type: 'agenda'; items: readonly ReadableItem[]; currentId: string | null | undefined }
  /** The reader opened a paper. */
  | { type: 'open'; itemId: string; paperId: string | undefined; currentId: string | null | undefined }
  /** The reader goes back to what the chair has called. */
  | { type: 'follow'; items: readonly ReadableItem[]; currentId: string | null | undefined }
  /** The reader stays with this paper, whatever is called. */
  | { type: 'stay' };

export const startFollow: Follow = { following: true, itemId: undefined, paperId: undefined };

/** Next state; returns the same object when nothing changes, so that React renders nothing. */
export function follow(state: Follow, action: FollowAction): Follow {
  switch (action.type) {
    case 'agenda':
      return keep(
        state,
        state.following ? atCurrent(state, action.items, action.currentId) : stillThere(state, action.items),
      );
    case 'follow':
      return atCurrent({ ...state, following: true }, action.items, action.currentId);
    case 'open':
      return {
        following: state.following && action.itemId === action.currentId,
        itemId: action.itemId,
        paperId: action.paperId,
      };
    case 'stay':
      return state.following ? { ...state, following: false } : state;
  }
}

function atCurrent(state: Follow, items: readonly ReadableItem[], currentId: string | null | undefined): Follow {
  const item = items.find((i) => i.id === currentId) ?? items[0];
  const paper = item?.papers.find((p) => p.id === state.paperId) ?? item?.papers[0];
  return { following: true, itemId: item?.id, paperId: paper?.id };
}

// A paper that was withdrawn, or an item that was struck, gives way to the item's first paper.
function stillThere(state: Follow, items: readonly ReadableItem[]): Follow {
  const item = items.find((i) => i.id === state.itemId) ?? items[0];
  const paper = item?.papers.find((p) => p.id === state.paperId) ?? item?.papers[0];
  return { following: false, itemId: item?.id, paperId: paper?.id };
}

function keep(before: Follow, after: Follow): Follow {
  const same =
    before.following === after.following && before.itemId === after.itemId && before.paperId === after.paperId;
  return same ? before : after;
}
