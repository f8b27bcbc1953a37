import { expect, test } from 'vitest';
import { base64, certificateText } from './encode';

test('bytes become base64, also many of them', () => {
  expect(base64(new Uint8Array([0x30, 0x82, 0xff]))).toBe('MIL/');
  expect(base64(new Uint8Array(100_000))).toHaveLength(133_336);
});

test('a certificate in PEM stays text, one in DER becomes base64', async () => {
  const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
  expect(await certificateText(new Blob([pem]))).toBe(pem);
  expect(await certificateText(new Blob([new Uint8Array([0x30, 0x82])]))).toBe('MII=');
});
