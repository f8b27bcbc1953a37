import { type ReactElement, type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isTyping } from '../../lib/keys';
import { SkeletonRows } from '../SkeletonRows';
import styles from './Pdf.module.css';
import { PdfFailureState } from './PdfFailureState';
import { type Overlay, PdfPage } from './PdfPage';
import { PdfTools } from './PdfTools';
import { printPdf } from './print';
import { usePages } from './usePages';
import { usePdf } from './usePdf';
import { useSeen } from './useSeen';

export interface PdfViewerProps {
  /** Address of the paper at our origin; must answer ranges. */
  url: string;
  /** File name for the download and for people. */
  name: string;
  /** What stands left in the bar of tools, such as tabs of several files. */
  tools?: ReactNode;
  /** Page to show; when it changes, the paper scrolls there. */
  page?: number;
  onPage?: (page: number) => void;
  /** Without buttons for download and printing. */
  plain?: boolean;
  /** What is laid over each page. */
  overlay?: Overlay;
  /** Told how many pages were looked at so far; the number then stands on the paper too. */
  onSeen?: (seen: number, total: number) => void;
}

/** Steps of the zoom, 1 = as wide as the room. */
const zooms = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3];

/** A paper in the page: all pages below each other, drawn when they come near. Keys: [ ] + −. */
export function PdfViewer(props: PdfViewerProps): ReactElement {
  const { url, name, tools, page, onPage, plain = false, overlay, onSeen } = props;
  const { t } = useTranslation();
  const pdf = usePdf(url);
  const desk = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState(1);
  const [printing, setPrinting] = useState(false);
  const pages = usePages(desk, pdf.document?.numPages ?? 0, onPage);
  const width = useWidth(desk);
  const total = pdf.document?.numPages ?? 0;
  const seen = useSeen(desk, url, width > 0 ? total : 0);
  useEffect(() => {
    if (total > 0) onSeen?.(seen, total);
  }, [onSeen, seen, total]);
  const zoomBy = useCallback((step: number) => {
    setZoom((now) => zooms[Math.min(Math.max(zooms.indexOf(now) + step, 0), zooms.length - 1)] ?? 1);
  }, []);
  usePdfKeys(pages.go, pages.current, zoomBy);
  const { go } = pages;
  useEffect(() => {
    if (page && pdf.document) go(page);
  }, [page, pdf.document, go]);
  const print = async () => {
    if (!pdf.document) return;
    setPrinting(true);
    try {
      await printPdf(pdf.document);
    } finally {
      setPrinting(false);
    }
  };
  return (
    <section className={styles['viewer']} aria-label={t('pdf.label', { name })}>
      <PdfTools
        left={tools}
        current={pages.current}
        total={total}
        zoom={zoom}
        onGo={pages.go}
        onZoom={zoomBy}
        onFit={() => setZoom(1)}
        {...(plain ? {} : { url, name, printing, onPrint: () => void print() })}
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section ref={desk} className={styles['desk']} tabIndex={0} aria-label={t('pdf.pages', { name })}>
        {pdf.failure && <PdfFailureState failure={pdf.failure} url={url} name={name} onRetry={pdf.retry} />}
        {!pdf.failure && !pdf.document && <SkeletonRows rows={6} />}
        {pdf.document &&
          pdf.first &&
          width > 0 &&
          Array.from({ length: pdf.document.numPages }, (_, i) => i + 1).map(
            (number) =>
              pdf.document &&
              pdf.first && (
                <PdfPage
                  key={number}
                  document={pdf.document}
                  number={number}
                  width={Math.round(Math.min(width, 1100) * zoom)}
                  guess={pdf.first}
                  near={pages.near.has(number)}
                  overlay={overlay}
                />
              ),
          )}
      </section>
      {onSeen && total > 0 && (
        <p className={styles['seen']} aria-live="polite">
          {t('pdf.seen', { page: pages.current, pages: total, seen })}
        </p>
      )}
    </section>
  );
}

/** Inner width of the desk, less its edges; follows changes of the layout after they settled. */
function useWidth(desk: React.RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = desk.current;
    if (!element) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const measure = () => setWidth(Math.max(200, element.clientWidth - (element.clientWidth < 500 ? 16 : 32)));
    measure();
    const observer = new ResizeObserver(() => {
      clearTimeout(timer);
      timer = setTimeout(measure, 120);
    });
    observer.observe(element);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
    };
  }, [desk]);
  return width;
}

function usePdfKeys(go: (page: number) => void, current: number, zoomBy: (step: number) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event)) return;
      if (event.key === '[') go(current - 1);
      else if (event.key === ']') go(current + 1);
      else if (event.key === '+' || event.key === '=') zoomBy(1);
      else if (event.key === '-') zoomBy(-1);
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [go, current, zoomBy]);
}
