import type { PDFDocumentProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';

/** Dots per inch of the printed pictures. */
const resolution = 200;

/**
 * Prints a paper: its pages are drawn into pictures that only the printer sees. A frame with the
 * file itself is not possible, because files of the API refuse to be framed.
 */
export async function printPdf(pdf: PDFDocumentProxy): Promise<void> {
  const sheet = document.createElement('div');
  sheet.className = 'print-sheet';
  const urls: string[] = [];
  try {
    for (let number = 1; number <= pdf.numPages; number += 1) {
      const image = new Image();
      image.src = await picture(pdf, number);
      urls.push(image.src);
      await image.decode();
      sheet.append(image);
    }
    document.body.append(sheet);
    window.print();
  } finally {
    sheet.remove();
    for (const url of urls) URL.revokeObjectURL(url);
  }
}

async function picture(pdf: PDFDocumentProxy, number: number): Promise<string> {
  const page = await pdf.getPage(number);
  const viewport = page.getViewport({ scale: resolution / 72 });
  const canvas = document.createElement('canvas');
  canvas.width = Math.floor(viewport.width);
  canvas.height = Math.floor(viewport.height);
  await page.render({ canvas, viewport, intent: 'print' }).promise;
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error(`page ${number} could not be drawn for the printer`);
  return URL.createObjectURL(blob);
}
