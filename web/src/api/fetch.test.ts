import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { patientFetch } from './fetch';

const calls: Request[] = [];
let answers: (number | 'lost')[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  calls.length = 0;
  vi.stubGlobal('fetch', (request: Request) => {
    calls.push(request);
    const answer = answers.shift() ?? 200;
    return answer === 'lost'
      ? Promise.reject(new TypeError('lost'))
      : Promise.resolve(new Response(null, { status: answer }));
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const url = 'http://localhost/api/v1/documents';
async function run(request: Request) {
  const result = patientFetch(request).then(
    (response) => response.status,
    () => 'lost',
  );
  await vi.advanceTimersByTimeAsync(5000);
  return result;
}
const keys = () => calls.map((call) => call.headers.get('Idempotency-Key'));

test('a command keeps its key over the repeats', async () => {
  answers = ['lost', 503, 200];
  expect(await run(new Request(url, { method: 'POST', headers: { 'Idempotency-Key': 'act-1' } }))).toBe(200);
  expect(keys()).toEqual(['act-1', 'act-1', 'act-1']);
});

test('a command without a key gets one, the same for each repeat', async () => {
  answers = ['lost', 200];
  expect(await run(new Request(url, { method: 'POST' }))).toBe(200);
  expect(new Set(keys()).size).toBe(1);
  expect(keys()[0]).toMatch(/^[0-9a-f]{32}$/);
});

test('a sign-in is never repeated by itself', async () => {
  answers = ['lost', 200];
  expect(await run(new Request('http://localhost/api/v1/sign-in', { method: 'POST' }))).toBe('lost');
  expect(calls).toHaveLength(1);
});

test('a refusal is final, a lost read is tried three times', async () => {
  answers = [409];
  expect(await run(new Request(url, { method: 'POST' }))).toBe(409);
  answers = ['lost', 'lost', 'lost'];
  calls.length = 0;
  expect(await run(new Request(url))).toBe('lost');
  expect(calls).toHaveLength(3);
});
