import { useCallback, useEffect, useRef, useState } from 'react';
import { type UploadProgress, uploadFile } from '../lib/upload';

/** One file of an upload field. `uploadId` is set when the server has all of it, `fileId` when it had it before. */
export interface UploadItem {
  key: string;
  name: string;
  size: number;
  state: 'busy' | 'done' | 'failed';
  progress: UploadProgress | null;
  error: unknown;
  uploadId?: string;
  fileId?: string;
}

type Use = (uploadId: string) => Promise<unknown>;

interface Run {
  file: File;
  abort: AbortController;
  use: Use | undefined;
}

export interface Uploads {
  items: readonly UploadItem[];
  /** Uploads files. With `use`, a file that the server has is handed over to it, and leaves the list once that is done. */
  add: (files: readonly File[], use?: Use) => void;
  /** Stops an upload, or puts a finished or failed one away. */
  remove: (key: string) => void;
  retry: (key: string) => void;
  /** Moves a file to the first place. */
  first: (key: string) => void;
  isBusy: boolean;
}

/** Uploads files one by one as they are chosen; leaving the page cancels what is not finished. */
export function useUploads(initial: readonly UploadItem[] = []): Uploads {
  const [items, setItems] = useState<readonly UploadItem[]>(initial);
  const running = useRef(new Map<string, Run>());
  const count = useRef(0);
  const change = useCallback((key: string, part: Partial<UploadItem>) => {
    setItems((before) => before.map((item) => (item.key === key ? { ...item, ...part } : item)));
  }, []);
  const remove = useCallback((key: string) => {
    running.current.get(key)?.abort.abort();
    running.current.delete(key);
    setItems((before) => before.filter((item) => item.key !== key));
  }, []);
  const start = useCallback(
    (key: string, file: File, use: Use | undefined) => {
      const abort = new AbortController();
      running.current.set(key, { file, abort, use });
      change(key, { state: 'busy', progress: null, error: null });
      uploadFile(file, { signal: abort.signal, onProgress: (progress) => change(key, { progress }) })
        .then(async (upload) => {
          if (!use) return change(key, { state: 'done', uploadId: upload.id, progress: null });
          await use(upload.id);
          remove(key);
        })
        .catch((error: unknown) => {
          if (!abort.signal.aborted) change(key, { state: 'failed', error, progress: null });
        });
    },
    [change, remove],
  );
  useEffect(() => {
    const map = running.current;
    return () => {
      for (const { abort } of map.values()) abort.abort();
    };
  }, []);
  return {
    items,
    isBusy: items.some((item) => item.state === 'busy'),
    add: (files, use) => {
      const added = files.map((file) => {
        count.current += 1;
        return { key: `file-${count.current}`, file };
      });
      setItems((before) => [
        ...before,
        ...added.map(
          ({ key, file }): UploadItem => ({
            key,
            name: file.name,
            size: file.size,
            state: 'busy',
            progress: null,
            error: null,
          }),
        ),
      ]);
      for (const { key, file } of added) start(key, file, use);
    },
    remove,
    retry: (key) => {
      const run = running.current.get(key);
      if (run) start(key, run.file, run.use);
    },
    first: (key) =>
      setItems((before) => [
        ...before.filter((item) => item.key === key),
        ...before.filter((item) => item.key !== key),
      ]),
  };
}
