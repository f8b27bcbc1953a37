import { describe, expect, test } from 'vitest';
import { proposed, validityOf } from './certificates';

const now = new Date('2026-11-23T02:00:00Z');
const certificate = {
  id: 'a',
  valid_from: '2026-01-01T00:00:00Z',
  valid_to: '2028-03-14T00:00:00Z',
  development: false,
  expires_soon: false,
};

describe('certificates to sign with', () => {
  test.each([
    [{}, 'valid'],
    [{ expires_soon: true }, 'soon'],
    [{ development: true }, 'development'],
    [{ development: true, valid_to: '2026-11-22T00:00:00Z' }, 'expired'],
    [{ valid_from: '2026-12-01T00:00:00Z' }, 'notYet'],
  ] as const)('%o is %s', (change, validity) => {
    expect(validityOf({ ...certificate, ...change }, now)).toBe(validity);
  });

  test('one with legal value comes before a trial key, and what cannot sign is not proposed', () => {
    const trial = { ...certificate, id: 'trial', development: true, valid_to: '2030-01-01T00:00:00Z' };
    const old = { ...certificate, id: 'old', valid_to: '2026-01-02T00:00:00Z' };
    expect(proposed([old, trial, certificate], now)?.id).toBe('a');
    expect(proposed([old, trial], now)?.id).toBe('trial');
    expect(proposed([old], now)).toBeUndefined();
  });
});
