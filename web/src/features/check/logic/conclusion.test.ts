import { expect, test } from 'vitest';
import type { FileVerdict } from '../../../shared/verdict/verdict';
import { conclusionOf } from './conclusion';

const verdict = (overall: FileVerdict['overall'], development: boolean[]) =>
  ({ overall, signatures: development.map((d) => ({ development: d })) }) as unknown as FileVerdict;

test('one trial signature is enough not to call a file valid', () => {
  expect(conclusionOf(verdict('valid', [false, false]))).toBe('valid');
  expect(conclusionOf(verdict('valid', [false, true]))).toBe('trial');
  expect(conclusionOf(verdict('invalid', [true]))).toBe('invalid');
  expect(conclusionOf(verdict('unsigned', []))).toBe('unsigned');
});
