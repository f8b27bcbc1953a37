// The lines of a meeting as a table: order, search, and what is written out. Pure.

import { fold } from '../../lib/names';
import type { Line } from './api';

const order: readonly Line['state'][] = ['lost', 'poor', 'weak', 'connecting', 'good', 'absent'];

/** The worst first; of equals the one that loses more, then by name. A search keeps what holds all its words. */
export function arrange(lines: readonly Line[], query: string): Line[] {
  const words = fold(query).split(/\s+/).filter(Boolean);
  return lines
    .filter((line) => {
      const text = fold(`${line.appointment.full_name} ${officeOf(line)}`);
      return words.every((word) => text.includes(word));
    })
    .sort(
      (a, b) =>
        order.indexOf(a.state) - order.indexOf(b.state) ||
        worstLoss(b) - worstLoss(a) ||
        a.appointment.full_name.localeCompare(b.appointment.full_name, 'vi'),
    );
}

const worstLoss = (line: Line) => Math.max(line.loss_up, line.loss_down);

/** "Giám đốc · Sở Tài chính" */
export function officeOf({ appointment: a }: Line): string {
  return [a.position, a.agency_short_name || a.agency_name].filter(Boolean).join(' · ');
}

/** How many there are of each state, for the line above the table. */
export function count(lines: readonly Line[]): { here: number; bad: number; absent: number } {
  const absent = lines.filter((line) => line.state === 'absent').length;
  const bad = lines.filter((line) => ['lost', 'poor', 'weak'].includes(line.state)).length;
  return { here: lines.length - absent, bad, absent };
}

/** All that the participant sends, kbit/s. */
export const upOf = (line: Line) => line.up_audio_kbps + line.up_video_kbps + line.up_screen_kbps;

/** "850 kbit/s", "1,2 Mbit/s" */
export function rate(kbps: number, language: string): string {
  if (kbps < 1000) return `${kbps} kbit/s`;
  return `${(kbps / 1000).toLocaleString(language, { maximumFractionDigits: 1 })} Mbit/s`;
}

/** Lines of a table in the form that spreadsheets open: UTF-8 with its mark, and no cell that counts as a formula. */
export function csv(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number) => {
    const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `\uFEFF${[head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

/** Columns of the file, in order; the first word of each row of the table's head. */
export const columns = [
  'name',
  'office',
  'state',
  'why',
  'since',
  'loss_up',
  'loss_down',
  'round_trip',
  'jitter',
  'up',
  'down',
  'estimate',
  'sends',
  'gets',
  'freezes',
  'frozen',
  'fps',
  'decode',
  'concealed',
  'way',
] as const;

/** One participant's cells; `say` puts states and reasons into words. */
export function cells(line: Line, say: (kind: 'state' | 'why' | 'way', value: string) => string): (string | number)[] {
  const person = [line.appointment.full_name, officeOf(line), say('state', line.state)];
  if (line.state === 'absent') return person;
  return [
    ...person,
    line.why ? say('why', line.why) : '',
    line.since ?? '',
    line.loss_up,
    line.loss_down,
    line.round_trip_ms,
    line.jitter_ms,
    upOf(line),
    line.down_kbps,
    line.estimate_kbps,
    layer(line.sends_layer, line.sends_layers),
    layer(line.gets_layer, line.gets_layers),
    line.freezes,
    line.frozen_ms,
    line.page?.fps ?? '',
    line.page?.decode_ms ?? '',
    line.page?.concealed ?? '',
    line.way ? say('way', line.way) : '',
  ];
}

/** "2/3": the second of three sizes; empty for none. */
export const layer = (of: number, all: number) => (all > 0 ? `${of}/${all}` : '');
