import type { Page } from '@playwright/test';

/** Fills and sends the form of the sign-in page; what then happens is for the test to look at. */
export async function signIn(page: Page, username: string, password: string) {
  if (!page.url().includes('/dang-nhap')) await page.goto('/dang-nhap');
  await page.getByLabel('Tài khoản công vụ').fill(username);
  await page.getByLabel('Mật khẩu', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Đăng nhập', exact: true }).click();
}
