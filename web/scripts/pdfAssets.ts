import { cpSync, createReadStream, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, '../node_modules/pdfjs-dist');
// Character maps, the fonts that a PDF may leave out, and image decoders: all served from our origin.
const folders = ['cmaps', 'standard_fonts', 'wasm', 'iccs'];

/** Puts the data files of pdf.js under /pdfjs/, in the build and on the development server. */
export function pdfAssets(): Plugin {
  let outDir = 'dist';
  return {
    name: 'nghisu-pdf-assets',
    configResolved(config) {
      outDir = join(config.root, config.build.outDir);
    },
    configureServer(server) {
      server.middlewares.use('/pdfjs/', (req, res, next) => {
        const file = join(source, normalize(decodeURIComponent((req.url ?? '').split('?')[0] ?? '')));
        if (!file.startsWith(source) || !existsSync(file) || !statSync(file).isFile()) return next();
        if (extname(file) === '.wasm') res.setHeader('Content-Type', 'application/wasm');
        createReadStream(file).pipe(res);
      });
    },
    writeBundle() {
      for (const folder of folders) {
        const target = join(outDir, 'pdfjs', folder);
        mkdirSync(target, { recursive: true });
        cpSync(join(source, folder), target, { recursive: true, dereference: true });
      }
    },
  };
}
