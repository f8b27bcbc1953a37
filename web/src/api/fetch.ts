import { newKey } from './key';

/** Pauses before the automatic repeats of a call, in milliseconds. */
const pauses = [400, 1500];
const again = new Set([502, 503, 504]);

/**
 * Fetch that repeats a call which may have been lost on the way. A read may always be repeated; a
 * command only because it carries an Idempotency-Key, which stays the same over the repeats.
 */
export async function patientFetch(request: Request): Promise<Response> {
  const prepared = withKey(request);
  for (const pause of pauses) {
    try {
      const response = await fetch(prepared.clone());
      if (!again.has(response.status) || !mayRepeat(prepared)) return response;
    } catch (error) {
      if (prepared.signal.aborted || !mayRepeat(prepared)) throw error;
    }
    await wait(pause, prepared.signal);
  }
  return fetch(prepared);
}

function mayRepeat(request: Request): boolean {
  return request.method === 'GET' || request.headers.has('Idempotency-Key');
}

function withKey(request: Request): Request {
  if (request.method !== 'POST' || request.headers.has('Idempotency-Key')) return request;
  if (/\/sign-(in|out)$/.test(new URL(request.url).pathname)) return request;
  const headers = new Headers(request.headers);
  headers.set('Idempotency-Key', newKey());
  return new Request(request, { headers });
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
