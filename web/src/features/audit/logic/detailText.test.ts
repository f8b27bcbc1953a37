import { expect, it } from 'vitest';
import { detailText } from './detailText';

it('writes details on one line and leaves out what is empty', () => {
  expect(detailText({ answer: 'declined', reason: '', items: 4, ids: ['a', 'b'], none: [] })).toBe(
    'answer: declined · items: 4 · ids: a, b',
  );
});

it('shows deeper things as they are, and nothing for nothing', () => {
  expect(detailText({ was: { code: 'A' } })).toBe('was: {"code":"A"}');
  expect(detailText(null)).toBe('');
  expect(detailText('x')).toBe('');
});
