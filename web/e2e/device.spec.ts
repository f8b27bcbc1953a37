import type { Page } from '@playwright/test';
import { expect, test } from './server.ts';
import { decodedFrames, enterRoom, onlineMeeting } from './steps.ts';

const name = 'Camera hội trường';

/** What a device does, in a page of its own: it draws a moving picture and sends it by WHIP. */
async function publish(page: Page, url: string, token: string): Promise<number> {
  return await page.evaluate(
    async ([to, bearer]) => {
      const canvas = Object.assign(window.document.createElement('canvas'), { width: 640, height: 360 });
      const pen = canvas.getContext('2d');
      let n = 0;
      window.setInterval(() => {
        n += 1;
        if (pen) pen.fillStyle = `hsl(${n % 360} 80% 50%)`;
        pen?.fillRect(0, 0, 640, 360);
      }, 40);
      const pc = new RTCPeerConnection();
      const [track] = canvas.captureStream(25).getVideoTracks();
      if (track) pc.addTransceiver(track, { direction: 'sendonly' });
      await pc.setLocalDescription();
      const answer = await fetch(to, {
        method: 'POST',
        headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${bearer}` },
        body: pc.localDescription?.sdp ?? '',
      });
      if (answer.status === 201) await pc.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
      Object.assign(window, { device: pc });
      return answer.status;
    },
    [url, token] as const,
  );
}

/** How the device's connection stands. */
const connection = (page: Page) =>
  page.evaluate(() => (window as unknown as { device: RTCPeerConnection }).device.connectionState);

test('a device sends into the room by its token, and revoking the token puts it out', async ({ office, server }) => {
  const secretary = await office.person('vp_hoangthuha');
  const member = await office.person('vp_phamvanduc');
  const meeting = await onlineMeeting(secretary);

  await secretary.goto(`/cuoc-hop/${meeting}`);
  const panel = secretary.getByTestId('devices');
  await panel.getByRole('button', { name: 'Thêm thiết bị' }).click();
  await secretary.getByRole('textbox', { name: 'Tên thiết bị' }).fill(name);
  await secretary.getByRole('button', { name: 'Tạo mã thiết bị' }).click();
  const url = (await secretary.getByTestId('whip-url').textContent()) ?? '';
  const token = (await secretary.getByTestId('device-token').textContent()) ?? '';
  expect(url).toMatch(new RegExp(`^${server.url}/api/v1/whip/[0-9a-f-]{36}$`));
  await secretary.getByRole('button', { name: 'Đã chép xong' }).click();
  await expect(panel.getByText('Chưa kết nối')).toBeVisible();

  await enterRoom(member, meeting);
  const before = Object.keys(await decodedFrames(member));
  const device = await office.visitor();
  await device.goto('/dang-nhap');
  expect(await publish(device, url, 'ma-khong-dung')).toBe(401);
  expect(await publish(device, url, token)).toBe(201);
  await expect.poll(() => connection(device)).toBe('connected');

  await expect(member.getByText(name).first()).toBeVisible();
  const framesOfDevice = async () =>
    Object.entries(await decodedFrames(member)).find(([who]) => !before.includes(who))?.[1] ?? 0;
  await expect.poll(framesOfDevice, { timeout: 60_000 }).toBeGreaterThan(20);
  await expect(panel.getByText(/^Đang gửi từ/)).toBeVisible();

  await panel.getByRole('button', { name: `Thu hồi mã của ${name}` }).click();
  await secretary.getByRole('dialog').getByRole('button', { name: 'Thu hồi', exact: true }).click();
  await expect(member.getByText(name)).toHaveCount(0);
  await expect.poll(() => connection(device)).not.toBe('connected');
  await expect(panel.getByTestId('device')).toHaveCount(0);
  expect(await publish(device, url, token)).toBe(401);
  office.check();
});
