import {
  type PDFDocumentProxy,
  RenderingCancelledException,
  type RenderTask,
  TextLayer,
} from 'pdfjs-dist/legacy/build/pdf.mjs';
import { type ReactElement, type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './Pdf.module.css';
import type { PageSize } from './usePdf';

interface Props {
  document: PDFDocumentProxy;
  number: number;
  /** Shown width in CSS pixels. */
  width: number;
  /** Size to keep room for until the page is read. */
  guess: PageSize;
  /** Near enough to the window to be drawn. */
  near: boolean;
  overlay?: Overlay | undefined;
}

/** A page as it is shown, in CSS pixels. */
export interface PageBox {
  number: number;
  width: number;
  height: number;
}

/** What is laid over a page, such as the places of signatures. */
export type Overlay = (page: PageBox) => ReactNode;

/** No canvas is larger than this many pixels: phones refuse larger ones. */
const maxPixels = 16_000_000;

/** One page: the picture, and above it the invisible text that can be selected and read aloud. */
export function PdfPage({ document: pdf, number, width, guess, near, overlay }: Props): ReactElement {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const text = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState(guess);
  const [failed, setFailed] = useState(false);
  const height = Math.round((width * size.height) / size.width);
  useEffect(() => {
    const [surface, layer] = [canvas.current, text.current];
    if (!near || !surface || !layer) return;
    let task: RenderTask | null = null;
    let letters: TextLayer | null = null;
    let current = true;
    const draw = async () => {
      const page = await pdf.getPage(number);
      if (!current) return;
      const natural = page.getViewport({ scale: 1 });
      setSize({ width: natural.width, height: natural.height });
      const viewport = page.getViewport({ scale: width / natural.width });
      const wanted = window.devicePixelRatio || 1;
      const ratio = Math.min(wanted, Math.sqrt(maxPixels / (viewport.width * viewport.height)));
      surface.width = Math.floor(viewport.width * ratio);
      surface.height = Math.floor(viewport.height * ratio);
      task = page.render({ canvas: surface, viewport, transform: [ratio, 0, 0, ratio, 0, 0] });
      await task.promise;
      if (!current) return;
      layer.replaceChildren();
      layer.style.setProperty('--total-scale-factor', String(viewport.scale));
      letters = new TextLayer({ textContentSource: page.streamTextContent(), container: layer, viewport });
      await letters.render();
      setFailed(false);
    };
    draw().catch((error: unknown) => {
      if (current && !(error instanceof RenderingCancelledException)) setFailed(true);
    });
    return () => {
      current = false;
      task?.cancel();
      letters?.cancel();
    };
  }, [pdf, number, width, near]);
  useEffect(() => {
    if (near || !canvas.current || !text.current) return;
    canvas.current.width = 0; // gives the memory back
    text.current.replaceChildren();
  }, [near]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a page of paper is no form group
    <div
      className={styles['page']}
      data-page={number}
      role="group"
      aria-label={t('pdf.page', { page: number, pages: pdf.numPages })}
      style={{ width, height }}
    >
      <canvas ref={canvas} className={styles['canvas']} />
      <div ref={text} className={styles['text']} lang="vi" />
      {failed && <p className={styles['pageFailed']}>{t('pdf.pageFailed', { page: number })}</p>}
      {overlay?.({ number, width, height })}
    </div>
  );
}
