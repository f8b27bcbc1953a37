import { api, apiLanguage, take } from '../api/client';
import { newKey } from '../api/key';
import { ApiError, asApiError, type Problem } from '../api/problem';
import type { components } from '../api/schema';

/** A file as the server knows it; `state` is "complete" when it may be used. */
export type Upload = components['schemas']['Upload'];

/**
 * Where an upload is. "sending": `sent` of `size` bytes are on their way or stored; "waiting": the
 * connection broke, it goes on by itself; "checking": everything is sent, the server looks at it.
 */
export interface UploadProgress {
  phase: 'sending' | 'waiting' | 'checking';
  sent: number;
  size: number;
}

export interface UploadOptions {
  /** Cancels the upload; it ends with an AbortError and leaves nothing on the server. */
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: UploadProgress) => void) | undefined;
}

/** What the upload asks of the server. Every step throws ApiError, or an AbortError when cancelled. */
export interface UploadSteps {
  create(name: string, size: number, signal: AbortSignal): Promise<Upload>;
  find(id: string, signal: AbortSignal): Promise<Upload>;
  /** Sends bytes that begin at `offset`; `onBytes` tells how many of them are on their way. */
  send(id: string, offset: number, body: Blob, signal: AbortSignal, onBytes: (n: number) => void): Promise<Upload>;
  complete(id: string, key: string, signal: AbortSignal): Promise<Upload>;
  cancel(id: string): Promise<void>;
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** Bytes in one request. A request that breaks is repeated from what the server has of it. */
const chunkSize = 8 << 20;

/** Pauses in milliseconds after failures in a row that may pass; after the last one the upload fails. */
export const pauses = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 30_000];

/**
 * Uploads a file in chunks and gives the complete upload, whose id a document or an agenda item
 * takes. Goes on by itself after a broken connection. Throws ApiError with the server's message
 * (codes "too_large", "unsupported", "unavailable", …, or "offline"), or an AbortError.
 */
export function uploadFile(file: File, options: UploadOptions = {}): Promise<Upload> {
  return runUpload(serverSteps, file, options);
}

/** `uploadFile` with the steps to take; for tests. */
export async function runUpload(steps: UploadSteps, file: File, options: UploadOptions): Promise<Upload> {
  const signal = options.signal ?? new AbortController().signal;
  const run = new Run(steps, file, signal, options.onProgress ?? (() => undefined));
  try {
    return await run.toEnd();
  } catch (error) {
    await run.giveUp(error);
    throw error;
  }
}

class Run {
  private upload: Upload | undefined;
  private failures = 0;

  constructor(
    private readonly steps: UploadSteps,
    private readonly file: File,
    private readonly signal: AbortSignal,
    private readonly report: (progress: UploadProgress) => void,
  ) {}

  async toEnd(): Promise<Upload> {
    this.signal.throwIfAborted();
    const { steps, file, signal } = this;
    this.tell('sending', 0);
    let upload = await steps.create(file.name, file.size, signal);
    this.upload = upload;
    while (upload.received < upload.size) upload = await this.sendNext(upload);
    this.tell('checking', upload.size);
    const key = newKey();
    while (upload.state !== 'complete') {
      const id = upload.id;
      upload = await this.patiently(upload, () => steps.complete(id, key, signal));
    }
    return upload;
  }

  /** Takes the upload off the server, unless it may be the connection that failed: then the server does so after a day. */
  async giveUp(error: unknown): Promise<void> {
    if (!this.upload || (error instanceof ApiError && error.status === 0)) return;
    await this.steps.cancel(this.upload.id).catch(() => undefined);
  }

  private async sendNext(upload: Upload): Promise<Upload> {
    const offset = upload.received;
    const body = this.file.slice(offset, Math.min(offset + chunkSize, this.file.size));
    this.tell('sending', offset);
    const next = await this.patiently(upload, () =>
      this.steps.send(upload.id, offset, body, this.signal, (n) => this.tell('sending', offset + n)),
    );
    if (next.received > offset) this.failures = 0;
    return next;
  }

  /** Takes a step; after a failure that may pass, waits and gives the upload as the server has it then. */
  private async patiently(upload: Upload, step: () => Promise<Upload>): Promise<Upload> {
    try {
      return await step();
    } catch (error) {
      this.signal.throwIfAborted();
      const failure = asApiError(error);
      const elsewhere = stateOf(failure);
      // The server is at another place: it got more, or less, than we know of.
      if (failure.code === 'conflict' && elsewhere && this.failures++ < pauses.length) return elsewhere;
      if (!failure.isTransient || failure.key === 'storage.full') throw failure;
      return this.afterPause(upload, failure);
    }
  }

  private async afterPause(upload: Upload, failure: ApiError): Promise<Upload> {
    const pause = pauses[this.failures++];
    if (pause === undefined) throw failure;
    this.tell('waiting', upload.received);
    await this.steps.wait(pause, this.signal);
    try {
      return await this.steps.find(upload.id, this.signal);
    } catch (error) {
      this.signal.throwIfAborted();
      const again = asApiError(error);
      if (!again.isTransient) throw again;
      return this.afterPause(upload, again);
    }
  }

  private tell(phase: UploadProgress['phase'], sent: number): void {
    this.report({ phase, sent, size: this.file.size });
  }
}

/** The upload as the server told it with a refusal. */
function stateOf(failure: ApiError): Upload | undefined {
  const current = failure.current;
  return current && typeof current === 'object' && 'received' in current ? (current as Upload) : undefined;
}

const serverSteps: UploadSteps = {
  create: (name, size, signal) =>
    take(
      api.POST('/api/v1/uploads', {
        params: { header: { 'Idempotency-Key': newKey() } },
        body: { name, size },
        signal,
      }),
    ),
  find: (id, signal) => take(api.GET('/api/v1/uploads/{upload_id}', { params: { path: { upload_id: id } }, signal })),
  send: sendPart,
  complete: (id, key, signal) =>
    take(
      api.POST('/api/v1/uploads/{upload_id}/complete', {
        params: { path: { upload_id: id }, header: { 'Idempotency-Key': key } },
        signal,
      }),
    ),
  cancel: async (id) => {
    await take(api.DELETE('/api/v1/uploads/{upload_id}', { params: { path: { upload_id: id } } }));
  },
  wait: (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      }, ms);
      signal.addEventListener('abort', stop, { once: true });
    }),
};

/** Sends one chunk. By XMLHttpRequest, because fetch does not tell how much of a body is sent. */
function sendPart(
  id: string,
  offset: number,
  body: Blob,
  signal: AbortSignal,
  onBytes: (n: number) => void,
): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const end = (act: () => void) => {
      signal.removeEventListener('abort', abort);
      act();
    };
    request.open('PUT', `/api/v1/uploads/${encodeURIComponent(id)}/content`);
    request.setRequestHeader('Upload-Offset', String(offset));
    request.setRequestHeader('Accept-Language', apiLanguage());
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.onprogress = (event) => onBytes(event.loaded);
    request.onload = () => end(() => answer(request, resolve, reject));
    request.onerror = () => end(() => reject(new ApiError({}, 0)));
    request.ontimeout = request.onerror;
    request.onabort = () => end(() => reject(signal.reason ?? new DOMException('aborted', 'AbortError')));
    signal.addEventListener('abort', abort, { once: true });
    request.send(body);
  });
}

function answer(request: XMLHttpRequest, resolve: (upload: Upload) => void, reject: (error: ApiError) => void): void {
  let parsed: unknown;
  try {
    parsed = JSON.parse(request.responseText);
  } catch {
    // A cut answer, or a proxy's page: told by its status alone. A cut success counts as lost.
  }
  const body = parsed && typeof parsed === 'object' ? parsed : undefined;
  if (request.status === 200 && body) resolve(body as Upload);
  else reject(new ApiError((body ?? {}) as Problem, request.status === 200 ? 0 : request.status));
}
