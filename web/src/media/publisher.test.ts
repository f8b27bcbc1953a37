import { afterEach, expect, test, vi } from 'vitest';
import { LocalMedia } from './localMedia';
import { Publisher } from './publisher';

type Encoding = RTCRtpEncodingParameters & { scalabilityMode?: string };

/** A browser's m-lines, as far as the publisher can see: it refuses some temporal layers, and losing parameters. */
function browser(refuses: (mode: string | undefined) => boolean = () => false) {
  const added: { encodings: Encoding[]; codecs: string[]; sets: boolean[][]; failing: number }[] = [];
  const pc = {
    addTransceiver: (_: unknown, init: RTCRtpTransceiverInit) => {
      const encodings: Encoding[] = (init.sendEncodings ?? [{}]).map((e) => ({ active: true, ...e }));
      if (encodings.some((e) => refuses(e.scalabilityMode))) throw new DOMException('', 'OperationError');
      const line = { encodings, codecs: [] as string[], sets: [] as boolean[][], failing: 0 };
      added.push(line);
      return {
        sender: {
          getParameters: () => ({ encodings: line.encodings.map((e) => ({ ...e })) }),
          setParameters: (p: { encodings: Encoding[] }) => {
            if (line.failing-- > 0) return Promise.reject(new DOMException('', 'InvalidStateError'));
            line.encodings = p.encodings;
            line.sets.push(p.encodings.map((e) => e.active === true));
            return Promise.resolve();
          },
        },
        setCodecPreferences: (codecs: { mimeType: string }[]) => {
          line.codecs = codecs.map((c) => c.mimeType);
        },
      };
    },
  };
  const publisher = new Publisher(
    pc as unknown as RTCPeerConnection,
    new LocalMedia(() => Promise.reject(new Error())),
  );
  publisher.addScreen();
  const [mic, camera, shown] = added;
  if (!mic || !camera || !shown) throw new Error('m-lines are missing');
  return { publisher, mic, camera, shown };
}

const settled = () => new Promise((r) => setTimeout(r));

afterEach(() => void vi.unstubAllGlobals());

test('the camera goes out in three sizes and a screen in two, the smallest first', () => {
  const { camera, shown } = browser();
  expect(camera.encodings.map((e) => [e.rid, e.scaleResolutionDownBy, e.scalabilityMode])).toEqual([
    ['q', 4, 'L1T3'],
    ['h', 2, 'L1T3'],
    ['f', 1, 'L1T3'],
  ]);
  expect(shown.encodings.map((e) => [e.rid, e.scaleResolutionDownBy])).toEqual([
    ['q', 2],
    ['f', 1],
  ]);
});

test.each([
  ['three temporal layers', (mode: string | undefined) => mode === 'L1T3', 'L1T2'],
  ['any', (mode: string | undefined) => mode !== undefined, undefined],
])('a browser that refuses %s sends layers all the same', (_, refuses, mode) => {
  const { camera } = browser(refuses);
  expect(camera.encodings.map((e) => e.rid)).toEqual(['q', 'h', 'f']);
  expect(camera.encodings[0]?.scalabilityMode).toBe(mode);
});

test('what nobody watches is not sent, and is again when the server asks', async () => {
  const { publisher, camera, shown } = browser();
  publisher.layers('video', [true, true, true]);
  publisher.layers('video', [true, false, false]);
  publisher.layers('screen', [false, true]);
  await settled();
  expect(camera.sets).toEqual([[true, false, false]]);
  expect(shown.sets).toEqual([[false, true]]);
  publisher.layers('video', [true, true, false]);
  await settled();
  expect(camera.sets.at(-1)).toEqual([true, true, false]);
});

test('a browser that could not just then is asked once more', async () => {
  const { publisher, camera } = browser();
  camera.failing = 1;
  publisher.layers('video', [false, false, false]);
  await settled();
  expect(camera.sets).toEqual([[false, false, false]]);
});

test('a browser that sends one layer sends it as long as anything is watched', async () => {
  const { publisher, camera } = browser();
  camera.encodings = [{ active: true }];
  publisher.layers('video', [false, true, false]);
  await settled();
  expect(camera.sets).toEqual([]);
  publisher.layers('video', [false, false, false]);
  await settled();
  expect(camera.sets).toEqual([[false]]);
});

test('speech is sent with redundancy where the browser knows it', () => {
  vi.stubGlobal('RTCRtpSender', {
    getCapabilities: () => ({ codecs: [{ mimeType: 'audio/opus' }, { mimeType: 'audio/red' }] }),
  });
  expect(browser().mic.codecs).toEqual(['audio/red', 'audio/opus']);
});
