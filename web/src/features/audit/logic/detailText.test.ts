import i18next from 'i18next';
import { expect, it } from 'vitest';
import vi from '../../../i18n/vi/audit.json';
import { detailText } from './detailText';

const i18n = i18next.createInstance();
await i18n.init({ lng: 'vi', resources: { vi: { audit: vi } }, interpolation: { escapeValue: false } });
const words = (details: unknown) => detailText(details, { i18n, language: 'vi' });

it('writes details in words and leaves out what is empty', () => {
  expect(words({ answer: 'declined', reason: '', items: 4, shared: false })).toBe('Trả lời: Báo vắng · Số nội dung: 4');
  expect(words({ roles: ['leader', 'clerk'] })).toBe('Vai trò: Lãnh đạo, Văn thư');
  expect(words({ reason: 'exchange.store_unavailable' })).toBe('Lý do: Kho lưu trữ chưa trả lời');
});

it('writes what was before and after, dates and sizes', () => {
  expect(words({ name: ['Sở A', 'Sở B'], code: ['H1', 'H1'] })).toBe('Tên: Sở A → Sở B');
  expect(words({ on: '2026-11-24', size: 50223 })).toBe('Ngày: 24/11/2026 · Dung lượng: 50 kB');
});

it('leaves ids, digests and unknown things to the raw record', () => {
  expect(words({ stay: '01a204e9-10bc-72b1-ad39-3917abeb342e', sha256: 'ab'.repeat(32), odd: 1 })).toBe('');
  expect(words({ holder: 'person-01a204e8-fd48-7560-9bd1-c8d1d91f542e', development: true })).toBe('Chứng thư thử: có');
  expect(words(null)).toBe('');
  expect(words('x')).toBe('');
});
