import createClient, { type Middleware } from 'openapi-fetch';
import { patientFetch } from './fetch';
import { ApiError, problemOf } from './problem';
import type { paths } from './schema';

let language = 'vi';

/** Tells the server in which language it words messages. */
export function setApiLanguage(code: string): void {
  language = code;
}

/** The language in which the server words messages, for requests that do not go through `api`. */
export function apiLanguage(): string {
  return language;
}

const headers: Middleware = {
  onRequest({ request }) {
    request.headers.set('Accept-Language', language);
    return request;
  },
};

/** The typed client of the API. Use it through `take`, which throws ApiError. */
export const api = createClient<paths>({
  baseUrl: '',
  fetch: patientFetch,
  querySerializer: { array: { style: 'form', explode: true } },
});
api.use(headers);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Waits for a call of `api` and gives its body, or throws ApiError. */
export async function take<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError({}, 0);
  }
  if (answer.response.ok) return answer.data as T;
  if (answer.error && typeof answer.error === 'object') throw new ApiError(answer.error, answer.response.status);
  throw await problemOf(
    answer.response.bodyUsed ? new Response(null, { status: answer.response.status }) : answer.response,
  );
}

/** Header of a command on a versioned object: refused with code "stale" when somebody was faster. */
export function ifMatch(version: number): { 'If-Match': string } {
  return { 'If-Match': `"${version}"` };
}
