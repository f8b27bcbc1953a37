import { describe, expect, test } from 'vitest';
import type { Line } from './api';
import { arrange, cells, columns, count, csv, rate } from './lines';

function line(name: string, state: Line['state'], change: Partial<Line> = {}): Line {
  return {
    appointment: { full_name: name, position: 'Chủ tịch', agency_name: 'UBND phường Bạch Đằng', agency_short_name: '' },
    role: 'point',
    participant_id: state === 'absent' ? '' : name,
    state,
    why: '',
    since: '2026-11-24T01:00:00Z',
    joined_at: null,
    mic: true,
    camera: true,
    screen: false,
    way: 'udp',
    loss_up: 0,
    loss_down: 0,
    round_trip_ms: 40,
    jitter_ms: 3,
    up_audio_kbps: 40,
    up_video_kbps: 800,
    up_screen_kbps: 0,
    down_kbps: 1200,
    estimate_kbps: 0,
    sends_layer: 2,
    sends_layers: 3,
    gets_layer: 3,
    gets_layers: 3,
    page: null,
    freezes: 1,
    frozen_ms: 900,
    ...change,
  } as Line;
}

const all = [
  line('An', 'absent'),
  line('Bình', 'good'),
  line('Chi', 'weak', { loss_up: 6.2 }),
  line('Dũng', 'lost'),
  line('Em', 'weak', { loss_down: 7 }),
  line('Giang', 'poor', { loss_up: 20 }),
  line('Hà', 'connecting'),
];

describe('the table of lines', () => {
  test('the worst first, of equals the one that loses more', () => {
    expect(arrange(all, '').map((l) => l.appointment.full_name)).toEqual([
      'Dũng',
      'Giang',
      'Em',
      'Chi',
      'Hà',
      'Bình',
      'An',
    ]);
  });

  test('a search without marks finds names and offices', () => {
    expect(arrange(all, 'dung').map((l) => l.appointment.full_name)).toEqual(['Dũng']);
    expect(arrange(all, 'bach dang giang')).toHaveLength(1);
    expect(arrange(all, 'không ai')).toEqual([]);
  });

  test('counts', () => {
    expect(count(all)).toEqual({ here: 6, bad: 4, absent: 1 });
  });

  test('bitrates as people write them', () => {
    expect(rate(840, 'vi')).toBe('840 kbit/s');
    expect(rate(1250, 'vi')).toBe('1,3 Mbit/s');
    expect(rate(1250, 'en')).toBe('1.3 Mbit/s');
  });

  test('a file has a cell for every column, and nothing of who is not there', () => {
    const say = (kind: string, value: string) => `${kind}.${value}`;
    expect(cells(line('Chi', 'weak', { why: 'loss_up', loss_up: 6.2 }), say)).toHaveLength(columns.length);
    expect(cells(line('An', 'absent'), say)).toEqual(['An', 'Chủ tịch · UBND phường Bạch Đằng', 'state.absent']);
  });

  test('no cell counts as a formula, and quotes stay what they are', () => {
    expect(csv(['tên'], [['=1+1'], ['Họ "tên", lót'], [-3]])).toBe(
      '\uFEFFtên\r\n\'=1+1\r\n"Họ ""tên"", lót"\r\n-3\r\n',
    );
  });
});
