import { useEffect, useRef, useState } from 'react';
import { type UploadProgress, uploadFile } from '../../../lib/upload';

export interface RunningUpload {
  id: number;
  name: string;
  progress: UploadProgress | null;
  /** It failed for good; it stays on the page until it is put away. */
  error: unknown;
}

export interface Uploads {
  running: RunningUpload[];
  start: (file: File, done: (uploadId: string) => Promise<unknown>) => void;
  /** Stops an upload, or puts a failed one away. */
  cancel: (id: number) => void;
}

/** Uploads on their way from this place of the page. Leaving the page cancels them. */
export function useUploads(): Uploads {
  const [running, setRunning] = useState<RunningUpload[]>([]);
  const stops = useRef(new Map<number, AbortController>());
  const last = useRef(0);
  useEffect(() => {
    const all = stops.current;
    return () => {
      for (const stop of all.values()) stop.abort();
    };
  }, []);

  const change = (id: number, part: Partial<RunningUpload>) =>
    setRunning((list) => list.map((upload) => (upload.id === id ? { ...upload, ...part } : upload)));
  const drop = (id: number) => {
    stops.current.delete(id);
    setRunning((list) => list.filter((upload) => upload.id !== id));
  };
  return {
    running,
    start: (file, done) => {
      last.current += 1;
      const id = last.current;
      const stop = new AbortController();
      stops.current.set(id, stop);
      setRunning((list) => [...list, { id, name: file.name, progress: null, error: null }]);
      uploadFile(file, { signal: stop.signal, onProgress: (progress) => change(id, { progress }) })
        .then((upload) => done(upload.id))
        .then(
          () => drop(id),
          (error: unknown) => (stop.signal.aborted ? drop(id) : change(id, { error })),
        );
    },
    cancel: (id) => {
      stops.current.get(id)?.abort();
      drop(id);
    },
  };
}
