import { describe, expect, it } from 'vitest';
import type { TestSnapshot } from '../../../media/connectionTest';
import { isGoodFigure, stepLine } from './connectionLines';

const running: TestSnapshot = {
  phase: 'running',
  step: 'tcp',
  progress: 0,
  socket: { ok: true, ms: 20 },
  ways: { udp: { state: 'failed' } },
  quality: null,
  refused: '',
  verdict: null,
};

describe('steps of the connection test', () => {
  it('says what is done, what runs and what comes', () => {
    expect(stepLine(running, 'socket')).toEqual({ state: 'ok', ms: 20 });
    expect(stepLine(running, 'udp')).toEqual({ state: 'failed' });
    expect(stepLine(running, 'tcp')).toEqual({ state: 'runs' });
    expect(stepLine(running, 'relay')).toEqual({ state: 'waits' });
    expect(stepLine({ ...running, step: 'quality', progress: 0.5 }, 'quality')).toEqual({
      state: 'runs',
      progress: 0.5,
    });
  });
  it('says what was never tried after the end', () => {
    const ended: TestSnapshot = { ...running, phase: 'cancelled', step: null };
    expect(stepLine(ended, 'quality')).toEqual({ state: 'skipped' });
    expect(stepLine({ ...ended, ways: { tcp: { state: 'absent' } } }, 'tcp')).toEqual({ state: 'absent' });
    expect(stepLine({ ...ended, socket: { ok: false, ms: 5000 } }, 'socket')).toEqual({ state: 'failed' });
  });
  it('knows which figures are too high', () => {
    expect(isGoodFigure('lostUp', 0.02)).toBe(true);
    expect(isGoodFigure('lostDown', 0.04)).toBe(false);
    expect(isGoodFigure('roundTrip', 400)).toBe(false);
    expect(isGoodFigure('rate', 10)).toBe(true);
  });
});
