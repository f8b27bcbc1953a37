// The tree of agencies as a list with depths. Pure.

interface Node {
  id: string;
  parent_id?: string | null;
  code: string;
}

export interface Branch<T> {
  node: T;
  /** 0 at the top. */
  depth: number;
}

/**
 * The agencies with each one below its parent, in the order of their codes. One whose parent is not in the list
 * (hidden by a filter, or dissolved) stands at the top; a ring of parents is cut where it was entered.
 */
export function treeOrder<T extends Node>(list: readonly T[]): Branch<T>[] {
  const known = new Set(list.map((node) => node.id));
  const children = new Map<string, T[]>();
  for (const node of [...list].sort((a, b) => a.code.localeCompare(b.code, 'en', { numeric: true }))) {
    const parent = node.parent_id && known.has(node.parent_id) ? node.parent_id : '';
    children.set(parent, [...(children.get(parent) ?? []), node]);
  }
  const seen = new Set<string>();
  const out: Branch<T>[] = [];
  const visit = (node: T, depth: number) => {
    if (seen.has(node.id)) return;
    seen.add(node.id);
    out.push({ node, depth });
    for (const child of children.get(node.id) ?? []) visit(child, depth + 1);
  };
  for (const top of children.get('') ?? []) visit(top, 0);
  for (const node of list) visit(node, 0);
  return out;
}
