import type { PDFDocumentProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { useEffect, useState } from 'react';
import { failureOf, openPdf, type PdfFailure } from './load';

/** Size of a page in points. */
export interface PageSize {
  width: number;
  height: number;
}

export interface OpenPdf {
  document: PDFDocumentProxy | null;
  /** Size of the first page; others are assumed alike until they are read. */
  first: PageSize | null;
  failure: PdfFailure | null;
  retry: () => void;
}

/** Opens the paper at the address, and closes it when the address changes. */
export function usePdf(url: string): OpenPdf {
  const [state, setState] = useState<Omit<OpenPdf, 'retry'>>({ document: null, first: null, failure: null });
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt opens the same address again
  useEffect(() => {
    let current = true;
    setState({ document: null, first: null, failure: null });
    const loading = openPdf(url);
    const open = async () => {
      const document = await loading.promise;
      const { width, height } = (await document.getPage(1)).getViewport({ scale: 1 });
      if (current) setState({ document, first: { width, height }, failure: null });
    };
    open().catch((error: unknown) => {
      if (current) setState({ document: null, first: null, failure: failureOf(error) });
    });
    return () => {
      current = false;
      void loading.destroy();
    };
  }, [url, attempt]);
  return { ...state, retry: () => setAttempt((n) => n + 1) };
}
