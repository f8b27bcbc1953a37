import { defineConfig } from '@playwright/test';
import base from './playwright.config.ts';

// Measurements, run by hand: they say how much, not whether.
export default defineConfig({ ...base, testMatch: '*.measure.ts', timeout: 600_000, reporter: 'list' });
