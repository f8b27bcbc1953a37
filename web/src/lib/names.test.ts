import { expect, test } from 'vitest';
import { initials, matches } from './names';

test('initials are of the last two words, without Văn and Thị in the middle', () => {
  expect(initials('Đỗ Thị Lan Anh')).toBe('LA');
  expect(initials('Nguyễn Hữu Thành')).toBe('HT');
  expect(initials('Phạm Văn Đức')).toBe('PĐ');
  expect(initials('Bạch Thị Kiểm')).toBe('BK');
  expect(initials('Văn Cao')).toBe('VC');
  expect(initials(' Đức ')).toBe('Đ');
  expect(initials('')).toBe('');
});

test('marks do not matter, every word must fit', () => {
  expect(matches('Sở Nông nghiệp và Môi trường', 'nong moi')).toBe(true);
  expect(matches('Ủy ban nhân dân phường Bạch Đằng', 'bach dang')).toBe(true);
  expect(matches('Sở Y tế', 'so noi')).toBe(false);
  expect(matches('Sở Y tế', '')).toBe(true);
});
