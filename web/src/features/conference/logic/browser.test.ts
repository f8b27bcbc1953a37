import { describe, expect, it } from 'vitest';
import { browserOf, systemOf } from './browser';

const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)';
const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)';

describe('browser', () => {
  it.each([
    [`${windows} Chrome/140.0.0.0 Safari/537.36`, 'chrome', 'windows'],
    [`${windows} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`, 'edge', 'windows'],
    [`${windows} coc_coc_browser/130.0 Chrome/130.0.0.0 Safari/537.36`, 'coccoc', 'windows'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'firefox', 'other'],
    [`${mac} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15`, 'safari', 'macos'],
    ['Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36', 'android', 'android'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Safari/604.1', 'ios', 'ios'],
    ['', 'chrome', 'other'],
  ])('%s', (userAgent, browser, system) => {
    expect(browserOf(userAgent)).toBe(browser);
    expect(systemOf(userAgent)).toBe(system);
  });
  it('knows an iPad that calls itself a Mac', () => {
    expect(browserOf(`${mac} AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15`, 5)).toBe('ios');
  });
});
