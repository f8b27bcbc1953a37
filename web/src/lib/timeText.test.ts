import { expect, it } from 'vitest';
import { readTime } from './timeText';

it.each([
  ['08:30', '08:30'],
  ['8:5', '08:05'],
  ['830', '08:30'],
  ['1415', '14:15'],
  ['8h30', '08:30'],
  ['14h', '14:00'],
  ['7', '07:00'],
  ['24:00', null],
  ['8:61', null],
  ['', null],
  ['sáng', null],
])('reads %s', (text, want) => {
  expect(readTime(text)).toBe(want);
});
