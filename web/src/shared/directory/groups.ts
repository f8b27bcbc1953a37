import { matches } from '../../lib/names';
import type { Agency } from './api';

/** Agencies of one level, in the order of the alphabet. */
export interface LevelGroup {
  level: string;
  agencies: Agency[];
}

/** Groups agencies by level in the order in which the levels first come, and keeps those that fit the search. */
export function groupByLevel(agencies: readonly Agency[], search: string): LevelGroup[] {
  const groups = new Map<string, Agency[]>();
  for (const agency of agencies) {
    const group = groups.get(agency.level_name) ?? [];
    if (matches(`${agency.name} ${agency.short_name} ${agency.code}`, search)) group.push(agency);
    groups.set(agency.level_name, group);
  }
  return [...groups]
    .map(([level, list]) => ({ level, agencies: list.sort((a, b) => a.name.localeCompare(b.name, 'vi')) }))
    .filter((group) => group.agencies.length > 0);
}
