import { expect, test } from 'vitest';
import { deliveryState, documentState, looks, urgencyOf, urgencyRank } from './marks';

test.each([
  ['queued', null, 'queued'],
  ['sent', null, 'sending'],
  ['failed', null, 'failed'],
  ['delivered', 1, 'arrived'],
  ['delivered', 2, 'refused'],
  ['delivered', 3, 'accepted'],
  ['delivered', '03', 'accepted'],
  ['delivered', 7, 'unknown'],
] as const)('%s with status %s reads %s', (transport, status, state) => {
  expect(deliveryState(transport, status)).toBe(state);
});

test('a draft with a reason came back', () => {
  expect(documentState('draft', 'sai số')).toBe('returned');
  expect(documentState('draft', '')).toBe('draft');
  expect(documentState('signed')).toBe('signed');
  expect(documentState('something')).toBe('unknown');
});

test('urgency by number and by word', () => {
  expect([0, 1, 2, 3].map(urgencyOf)).toEqual(['normal', 'urgent', 'very_urgent', 'immediate']);
  expect(urgencyOf('immediate')).toBe('immediate');
  expect(urgencyOf(9)).toBe('normal');
  expect(urgencyRank(3)).toBeGreaterThan(urgencyRank(1));
});

test('only failures and refusals are loud', () => {
  const loud = Object.entries(looks).filter(([, look]) => look.loud);
  expect(loud.map(([state]) => state)).toEqual(['failed', 'refused']);
});
