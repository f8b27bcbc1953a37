import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const worthwhile = /\.(m?js|css|svg|json|wasm)$/;

/** Puts a .gz file beside every text of the build that it makes smaller; the server sends it instead. */
export function packed(): Plugin {
  let outDir = 'dist';
  return {
    name: 'nghisu-packed',
    apply: 'build',
    configResolved(config) {
      outDir = join(config.root, config.build.outDir);
    },
    closeBundle() {
      for (const name of readdirSync(outDir, { recursive: true, encoding: 'utf8' })) {
        if (!worthwhile.test(name)) continue;
        const content = readFileSync(join(outDir, name));
        const gz = gzipSync(content, { level: 9 });
        if (gz.length < content.length * 0.95) writeFileSync(join(outDir, `${name}.gz`), gz);
      }
    },
  };
}
