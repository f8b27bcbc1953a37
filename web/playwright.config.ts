import { defineConfig } from '@playwright/test';
import type { ServerOptions } from './e2e/server.ts';

// Every worker starts the real program on its own data (e2e/server.ts). One worker: the stories share
// two cores with three browsers and a media server. What fails is tried once more on a fresh server and
// then told as "flaky", which is a fault to look into, with its trace.
export default defineConfig<object, ServerOptions>({
  testDir: 'e2e',
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 1,
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: [['list'], ['html', { open: 'never' }]],
  use: {
    locale: 'vi-VN',
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    timezoneId: 'Asia/Ho_Chi_Minh',
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
        '--allow-loopback-in-peer-connection',
        '--autoplay-policy=no-user-gesture-required',
      ],
    },
  },
  projects: [
    { name: 'disk', use: { store: 'disk' }, testIgnore: 'exchange.spec.ts' },
    { name: 'minio', use: { store: 'minio' }, testMatch: 'exchange.spec.ts' },
  ],
});
