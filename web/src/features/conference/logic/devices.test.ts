import { describe, expect, it } from 'vitest';
import {
  deviceProblem,
  enterRoom,
  leaveRoom,
  noChoice,
  parseChoice,
  roomChoice,
  storedChoice,
  whoRefuses,
} from './devices';

describe('device problems', () => {
  it.each([
    ['NotAllowedError', 'Permission denied', 'refused'],
    ['NotAllowedError', 'Permission denied by system', 'system'],
    ['NotFoundError', '', 'missing'],
    ['OverconstrainedError', '', 'missing'],
    ['NotReadableError', '', 'busy'],
    ['SecurityError', '', 'insecure'],
    ['TypeError', '', 'other'],
  ])('%s %s', (name, message, want) => {
    expect(deviceProblem(new DOMException(message, name))).toBe(want);
  });
  it('survives what is no error', () => {
    expect(deviceProblem('no')).toBe('other');
  });
});

describe('who refuses', () => {
  it.each([
    ['refused', 'granted', 'system'],
    ['refused', 'denied', 'refused'],
    ['refused', 'prompt', 'refused'],
    ['refused', null, 'refused'],
    ['busy', 'granted', 'busy'],
  ] as const)('%s while the permission is %s', async (problem, permission, want) => {
    expect(await whoRefuses(problem, 'video', () => Promise.resolve(permission))).toBe(want);
  });
});

describe('choice', () => {
  it('enters again after a reload, and not after leaving', () => {
    const choice = { ...noChoice, camera: false, micId: 'm1' };
    expect(roomChoice('a')).toBeNull();
    enterRoom('a', choice);
    expect(roomChoice('a')).toEqual(choice);
    expect(roomChoice('b')).toBeNull();
    expect(storedChoice()).toEqual(choice);
    leaveRoom('a');
    expect(roomChoice('a')).toBeNull();
    expect(storedChoice()).toEqual(choice);
  });
  it('does not make a custom of a second device, but a reload stays one', () => {
    enterRoom('a', noChoice);
    const second = { ...noChoice, mic: false, quiet: true };
    enterRoom('b', second);
    expect(storedChoice()).toEqual(noChoice);
    expect(roomChoice('b')).toEqual(second);
  });
  it('ignores what it cannot read', () => {
    expect(parseChoice('{')).toBeNull();
    expect(parseChoice('null')).toBeNull();
    expect(parseChoice('{"mic":1}')).toBeNull();
    expect(parseChoice('{"mic":true,"camera":false,"micId":7}')).toEqual({ ...noChoice, camera: false });
  });
});
