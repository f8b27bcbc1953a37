import { expect, test } from 'vitest';
import { ApiError, asApiError, problemOf } from './problem';

test('an answer of the server keeps its words, code, fields and state', async () => {
  const body = {
    title: 'Có người vừa thay đổi mục này.',
    code: 'stale',
    key: 'request.stale',
    errors: [{ path: 'number', key: 'field.required', message: 'Hãy nhập số.' }],
    current: { version: 3 },
  };
  const error = await problemOf(
    new Response(JSON.stringify(body), { status: 412, headers: { 'Content-Type': 'application/problem+json' } }),
  );
  expect(error).toMatchObject({
    message: body.title,
    status: 412,
    code: 'stale',
    key: 'request.stale',
    current: { version: 3 },
  });
  expect(error.field('number')).toBe('Hãy nhập số.');
  expect(error.field('symbol')).toBeUndefined();
  expect(error.isTransient).toBe(false);
});

test('a page of a proxy is told by its status alone', async () => {
  const error = await problemOf(new Response('<html>', { status: 502, headers: { 'Content-Type': 'text/html' } }));
  expect(error).toMatchObject({ status: 502, code: 'http_502', message: '' });
  expect(error.isTransient).toBe(true);
});

test('anything else that was thrown reads as a lost connection', () => {
  expect(asApiError(new TypeError('x'))).toMatchObject({ code: 'offline', status: 0 });
  const known = new ApiError({ code: 'conflict' }, 409);
  expect(asApiError(known)).toBe(known);
});
