import {
  GlobalWorkerOptions,
  getDocument,
  InvalidPDFException,
  type PDFDocumentProxy,
  ResponseException,
} from 'pdfjs-dist/legacy/build/pdf.mjs';
import workerUrl from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url';

GlobalWorkerOptions.workerSrc = workerUrl;

/** Why a paper cannot be shown. */
export type PdfFailure = 'missing' | 'damaged' | 'locked' | 'unreachable';

/** A paper being opened; `destroy` ends the download and frees the memory. */
export interface PdfLoading {
  promise: Promise<PDFDocumentProxy>;
  destroy: () => Promise<void>;
}

/** Opens a paper of our origin. It is read by ranges, so that the first page of 200 MB shows at once. */
export function openPdf(url: string): PdfLoading {
  const task = getDocument({
    url,
    cMapUrl: '/pdfjs/cmaps/',
    cMapPacked: true,
    standardFontDataUrl: '/pdfjs/standard_fonts/',
    wasmUrl: '/pdfjs/wasm/',
    iccUrl: '/pdfjs/iccs/',
    isEvalSupported: false,
    enableXfa: false,
    disableAutoFetch: true,
    disableStream: true,
    rangeChunkSize: 256 * 1024,
  });
  return { promise: task.promise, destroy: () => task.destroy() };
}

/** Tells what went wrong while a paper was opened. */
export function failureOf(error: unknown): PdfFailure {
  if (error instanceof Error && error.name === 'PasswordException') return 'locked'; // not exported by pdf.js
  if (error instanceof InvalidPDFException) return 'damaged';
  if (error instanceof ResponseException) return error.missing || error.status === 403 ? 'missing' : 'unreachable';
  return 'unreachable';
}
