import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { packed } from './scripts/packed.ts';
import { pdfAssets } from './scripts/pdfAssets.ts';

// The server sends "default-src 'self'": nothing may be inlined, neither scripts nor data: assets.
export default defineConfig({
  plugins: [react(), pdfAssets(), packed()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    sourcemap: false,
    chunkSizeWarningLimit: 700,
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      '/api': { target: process.env['NGHISU_API'] ?? 'http://localhost:8080', ws: true },
    },
  },
});
