import { describe, expect, test, vi } from 'vitest';
import { api } from '../api/client';
import { ApiError } from '../api/problem';
import { pauses, runUpload, type Upload, type UploadProgress, type UploadSteps, uploadFile } from './upload';

const mb = 1 << 20;

/** A server that keeps uploads as the real one does; `faults` are what happens to the next requests with content. */
class FakeServer implements UploadSteps {
  upload: Upload = { id: 'u1', name: '', size: 0, received: 0, state: 'open', sha256: '', content_type: '' };
  calls: string[] = [];
  waits: number[] = [];
  cancelled = false;
  faults: ((store: (n: number) => void, size: number) => void)[] = [];
  completeFaults: (() => void)[] = [];
  findFaults: (() => void)[] = [];

  async create(name: string, size: number): Promise<Upload> {
    this.calls.push('create');
    if (size > 200 * mb) throw new ApiError({ code: 'too_large', key: 'upload.too_large' }, 413);
    this.upload = { ...this.upload, name, size };
    return { ...this.upload };
  }
  async find(): Promise<Upload> {
    this.calls.push('find');
    this.findFaults.shift()?.();
    return { ...this.upload };
  }
  async send(_id: string, offset: number, body: Blob, signal: AbortSignal, onBytes: (n: number) => void) {
    signal.throwIfAborted();
    this.calls.push(`send ${offset}+${body.size}`);
    if (offset !== this.upload.received) {
      throw new ApiError({ code: 'conflict', key: 'upload.wrong_offset', current: { ...this.upload } }, 409);
    }
    onBytes(body.size / 2);
    const store = (n: number) => {
      this.upload.received += n;
    };
    const fault = this.faults.shift();
    if (fault) fault(store, body.size);
    else store(body.size);
    return { ...this.upload };
  }
  async complete(): Promise<Upload> {
    this.calls.push('complete');
    this.completeFaults.shift()?.();
    this.upload = { ...this.upload, state: 'complete', sha256: 'ab', content_type: 'application/pdf' };
    return { ...this.upload };
  }
  async cancel(): Promise<void> {
    this.cancelled = true;
  }
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.waits.push(ms);
  }
}

const lost = () => {
  throw new ApiError({}, 0);
};

function fileOf(size: number): File {
  return new File([new Uint8Array(size)], 'Tờ trình.pdf', { type: 'application/pdf' });
}

describe('upload', () => {
  test('goes in chunks and reports how far it is', async () => {
    const server = new FakeServer();
    const seen: UploadProgress[] = [];
    const upload = await runUpload(server, fileOf(20 * mb), { onProgress: (p) => seen.push(p) });
    expect(upload.state).toBe('complete');
    expect(server.calls).toEqual([
      'create',
      `send 0+${8 * mb}`,
      `send ${8 * mb}+${8 * mb}`,
      `send ${16 * mb}+${4 * mb}`,
      'complete',
    ]);
    const sent = seen.map((p) => p.sent);
    expect(sent).toEqual([...sent].sort((a, b) => a - b));
    expect(seen.at(-1)).toEqual({ phase: 'checking', sent: 20 * mb, size: 20 * mb });
    expect(server.cancelled).toBe(false);
  });

  test('goes on from what the server has after a broken connection', async () => {
    const server = new FakeServer();
    server.faults = [
      (store) => {
        store(3 * mb);
        lost();
      },
    ];
    const seen: UploadProgress[] = [];
    await runUpload(server, fileOf(10 * mb), { onProgress: (p) => seen.push(p) });
    expect(server.calls).toEqual(['create', `send 0+${8 * mb}`, 'find', `send ${3 * mb}+${7 * mb}`, 'complete']);
    expect(server.waits).toEqual([pauses[0]]);
    expect(seen.some((p) => p.phase === 'waiting')).toBe(true);
  });

  test('sends nothing twice when only the answer was lost', async () => {
    const server = new FakeServer();
    server.faults = [
      (store, size) => {
        store(size);
        lost();
      },
    ];
    await runUpload(server, fileOf(5 * mb), {});
    expect(server.calls).toEqual(['create', `send 0+${5 * mb}`, 'find', 'complete']);
  });

  test('pauses grow while nothing gets through, and begin anew after progress', async () => {
    const server = new FakeServer();
    server.faults = [lost, lost, lost, (store, size) => store(size), lost];
    await runUpload(server, fileOf(10 * mb), {});
    expect(server.waits).toEqual([pauses[0], pauses[1], pauses[2], pauses[0]]);
  });

  test('waits on when the server cannot even be asked', async () => {
    const server = new FakeServer();
    server.faults = [lost];
    server.findFaults = [lost, lost];
    await runUpload(server, fileOf(mb), {});
    expect(server.waits).toEqual(pauses.slice(0, 3));
  });

  test('fails in the end when the server stays away, and leaves the rest to it', async () => {
    const server = new FakeServer();
    server.faults = Array(20).fill(lost);
    await expect(runUpload(server, fileOf(mb), {})).rejects.toMatchObject({ code: 'offline' });
    expect(server.waits).toEqual(pauses);
    expect(server.cancelled).toBe(false);
  });

  test('takes the place that the server names', async () => {
    const server = new FakeServer();
    server.faults = [
      (store) => {
        store(2 * mb);
        throw new ApiError({ code: 'conflict', key: 'upload.wrong_offset', current: { ...server.upload } }, 409);
      },
    ];
    await runUpload(server, fileOf(4 * mb), {});
    expect(server.calls).toEqual(['create', `send 0+${4 * mb}`, `send ${2 * mb}+${2 * mb}`, 'complete']);
    expect(server.waits).toEqual([]);
  });

  test('completes again when the answer of it was lost', async () => {
    const server = new FakeServer();
    server.completeFaults = [lost];
    const upload = await runUpload(server, fileOf(mb), {});
    expect(upload.state).toBe('complete');
    expect(server.calls).toEqual(['create', `send 0+${mb}`, 'complete', 'find', 'complete']);
  });

  test.each([
    [
      'a file that is no PDF',
      new ApiError({ code: 'unsupported', key: 'upload.not_pdf', title: 'Không phải PDF' }, 415),
    ],
    ['a full store', new ApiError({ code: 'unavailable', key: 'storage.full' }, 503)],
    ['an ended session', new ApiError({ code: 'unauthenticated' }, 401)],
  ])('fails at once for %s, and takes the upload back', async (_name, failure) => {
    const server = new FakeServer();
    server.faults = [
      () => {
        throw failure;
      },
    ];
    await expect(runUpload(server, fileOf(mb), {})).rejects.toBe(failure);
    expect(server.waits).toEqual([]);
    expect(server.cancelled).toBe(true);
  });

  test('too large a file is refused before a byte is sent', async () => {
    const server = new FakeServer();
    const huge = { name: 'x.pdf', size: 201 * mb } as File;
    await expect(runUpload(server, huge, {})).rejects.toMatchObject({ code: 'too_large' });
    expect(server.calls).toEqual(['create']);
    expect(server.cancelled).toBe(false);
  });

  test('cancelling ends it and takes it off the server', async () => {
    const server = new FakeServer();
    const stop = new AbortController();
    server.faults = [
      () => {
        stop.abort();
        stop.signal.throwIfAborted();
      },
    ];
    await expect(runUpload(server, fileOf(20 * mb), { signal: stop.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(server.calls).toEqual(['create', `send 0+${8 * mb}`]);
    expect(server.cancelled).toBe(true);
  });

  test('cancelled before it began it asks nothing', async () => {
    const server = new FakeServer();
    await expect(runUpload(server, fileOf(mb), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(server.calls).toEqual([]);
  });
});

describe('uploadFile', () => {
  test('speaks to the server by its API', async () => {
    const upload = { id: 'u1', name: 'a.pdf', size: 5, received: 0, state: 'open', sha256: '', content_type: '' };
    const asked: string[] = [];
    vi.spyOn(api, 'POST').mockImplementation(((path: string) => {
      asked.push(`POST ${path}`);
      const data = path.endsWith('/complete') ? { ...upload, received: 5, state: 'complete' } : upload;
      return Promise.resolve({ data, response: new Response() });
    }) as never);
    class FakeRequest {
      headers: Record<string, string> = {};
      upload: { onprogress?: (event: { loaded: number }) => void } = {};
      onload?: () => void;
      status = 200;
      responseText = JSON.stringify({ ...upload, received: 5 });
      open(method: string, url: string) {
        asked.push(`${method} ${url}`);
      }
      setRequestHeader(name: string, value: string) {
        this.headers[name] = value;
      }
      send(body: Blob) {
        asked.push(`offset ${this.headers['Upload-Offset']}, ${body.size} bytes`);
        this.upload.onprogress?.({ loaded: body.size });
        this.onload?.();
      }
    }
    vi.stubGlobal('XMLHttpRequest', FakeRequest);
    const done = await uploadFile(new File(['12345'], 'a.pdf'));
    vi.unstubAllGlobals();
    expect(done.state).toBe('complete');
    expect(asked).toEqual([
      'POST /api/v1/uploads',
      'PUT /api/v1/uploads/u1/content',
      'offset 0, 5 bytes',
      'POST /api/v1/uploads/{upload_id}/complete',
    ]);
  });
});
