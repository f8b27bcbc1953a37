// The steps of the connection test as the page lists them. Pure.

import type { TestSnapshot, TestStep } from '../../../media/connectionTest';

export interface StepLine {
  state: 'waits' | 'runs' | 'ok' | 'failed' | 'absent' | 'skipped';
  ms?: number;
  progress?: number;
}

/** How far a step is. */
export function stepLine(test: TestSnapshot, step: TestStep): StepLine {
  if (test.step === step) return { state: 'runs', ...(step === 'quality' ? { progress: test.progress } : {}) };
  if (step === 'socket') return test.socket ? resultOf(test.socket.ok, test.socket.ms) : open(test);
  if (step === 'quality') return test.quality ? { state: 'ok' } : open(test);
  const way = test.ways[step];
  if (!way) return open(test);
  return way.state === 'ok' ? resultOf(true, way.ms) : { state: way.state };
}

function resultOf(ok: boolean, ms: number): StepLine {
  return ok ? { state: 'ok', ms } : { state: 'failed' };
}

// Nothing is known: either it comes yet, or the test ended before.
function open(test: TestSnapshot): StepLine {
  return { state: test.phase === 'running' ? 'waits' : 'skipped' };
}

/** Whether a figure is good enough for sound and pictures. */
export function isGoodFigure(name: 'lostUp' | 'lostDown' | 'roundTrip' | 'rate', value: number): boolean {
  if (name === 'roundTrip') return value < 300;
  return name === 'rate' || value < 0.03;
}
