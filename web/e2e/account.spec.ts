import type { Page } from '@playwright/test';
import { expect, type Office, test } from './server.ts';
import { signIn } from './signIn.ts';

const admin = 'skhcn_ngoquangvinh';
let count = 0;

interface NewPerson {
  name: string;
  username: string;
  password: string;
}

/** The administrator's page of an agency. */
async function agencyPage(office: Office, agency: string): Promise<Page> {
  const page = await office.person(admin);
  await page.getByRole('link', { name: 'Quản trị' }).first().click();
  await page.getByRole('textbox', { name: 'Tìm tên, mã, ký hiệu' }).fill(agency);
  await page.getByRole('link', { name: agency, exact: true }).click();
  await expect(page.getByRole('heading', { name: agency, exact: true, level: 1 })).toBeVisible();
  return page;
}

/** Adds a person nobody else uses, and gives the password that the page shows once. */
async function addPerson(page: Page, name: string): Promise<NewPerson> {
  count += 1;
  const username = `thu_nghiem_${Date.now() % 1_000_000}_${count}`;
  await page.getByRole('button', { name: 'Thêm người' }).click();
  const dialog = page.getByRole('dialog', { name: 'Thêm người và tài khoản' });
  await dialog.getByRole('textbox', { name: 'Họ và tên' }).fill(name);
  await dialog.getByRole('textbox', { name: 'Mã định danh' }).fill(`0790${String(Date.now()).slice(-7)}${count}`);
  await dialog.getByRole('textbox', { name: 'Tên tài khoản' }).fill(username);
  await dialog.getByRole('textbox', { name: 'Chức vụ' }).fill('Chuyên viên');
  await dialog.getByRole('button', { name: 'Thêm người' }).click();
  return { name, username, password: await firstPassword(page, name) };
}

/** Reads the password that the dialog shows once, and closes it. */
async function firstPassword(page: Page, name: string): Promise<string> {
  const dialog = page.getByRole('dialog', { name: 'Mật khẩu lần đầu' });
  await expect(dialog).toContainText(name);
  const password = ((await dialog.getByTestId('temporary-password').textContent()) ?? '').trim();
  expect(password.length).toBeGreaterThanOrEqual(12);
  await dialog.getByRole('button', { name: 'Đã đưa mật khẩu' }).click();
  await expect(dialog).toBeHidden();
  return password;
}

async function act(page: Page, name: string, what: string) {
  await page.getByRole('button', { name: `Việc khác với ${name}` }).click();
  await page.getByRole('menuitem', { name: what }).click();
  await page.getByRole('dialog', { name: what }).getByRole('button', { name: what }).click();
}

async function changePassword(page: Page, current: string, next: string, again = next) {
  await page.getByLabel('Mật khẩu hiện tại').fill(current);
  await page.getByLabel('Mật khẩu mới', { exact: true }).fill(next);
  await page.getByLabel('Nhập lại mật khẩu mới').fill(again);
  await page.getByRole('button', { name: 'Đổi mật khẩu' }).click();
}

/** Opens a menu and chooses from it. A page that comes up just now takes the focus, which closes the menu: open it again. */
async function chooseFromMenu(page: Page, menu: string, item: string) {
  const choice = page.getByRole('menuitem', { name: item });
  await expect(async () => {
    if (!(await choice.isVisible())) await page.getByRole('button', { name: menu }).click();
    await expect(choice).toBeVisible({ timeout: 3_000 });
    await choice.click({ timeout: 3_000 });
  }).toPass({ timeout: 30_000 });
}

const home = (page: Page) => page.getByRole('heading', { name: 'Việc của tôi', exact: true });

test('a new person: first password, lock after five wrong ones, reset', async ({ office }) => {
  const office1 = await agencyPage(office, 'Sở Khoa học và Công nghệ');
  const person = await addPerson(office1, 'Lý Thị Thử Nghiệm');
  const row = office1.getByRole('row').filter({ hasText: person.username });
  await expect(row).toContainText('Mật khẩu lần đầu');
  const page = await office.visitor();
  const own = 'Sang thu la bay - 1926';

  await test.step('the first sign-in asks for an own password and tells the rules', async () => {
    await signIn(page, person.username, person.password);
    await expect(page.getByRole('heading', { name: 'Đổi mật khẩu' })).toBeVisible();
    await expect(
      page.getByText('Ít nhất 14 ký tự gồm chữ hoa, chữ thường, số và ký tự khác', { exact: false }),
    ).toBeVisible();
    await page.goto('/van-ban-den');
    await expect(page).toHaveURL(/doi-mat-khau/);
    await changePassword(page, person.password, own, `${own}x`);
    await expect(page.getByText('Hai lần nhập chưa giống nhau.')).toBeVisible();
    await changePassword(page, person.password, 'ngan');
    await expect(page.getByText(/Mật khẩu cần ít nhất 14 ký tự/).first()).toBeVisible();
    await changePassword(page, 'khong-phai-mat-khau', own);
    await expect(page.getByText('Mật khẩu hiện tại không đúng.').first()).toBeVisible();
    await changePassword(page, person.password, own);
    await expect(home(page)).toBeVisible();
  });

  await test.step('five wrong passwords lock the account, the right one too', async () => {
    const guess = await office.visitor();
    for (let i = 0; i < 4; i++) {
      await signIn(guess, person.username, `sai-${i}`);
      await expect(guess.getByRole('alert')).toContainText('Tài khoản hoặc mật khẩu không đúng.');
    }
    await signIn(guess, person.username, 'sai-5');
    await signIn(guess, person.username, own);
    await expect(guess.getByRole('alert')).toContainText('Tài khoản tạm khóa, hãy thử lại sau 15 phút');
    await expect(guess).toHaveURL(/dang-nhap/);
  });

  await test.step('an administrator unlocks it', async () => {
    await office1.reload();
    await expect(row).toContainText('Tạm khóa do nhập sai');
    await act(office1, person.name, 'Mở khóa tài khoản');
    await expect(row).toContainText('Đang dùng');
    const again = await office.visitor();
    await signIn(again, person.username, own);
    await expect(home(again)).toBeVisible();
  });

  await test.step('an administrator resets the password: open pages end', async () => {
    await act(office1, person.name, 'Đặt lại mật khẩu');
    const next = await firstPassword(office1, person.name);
    await expect(page).toHaveURL(/dang-nhap/, { timeout: 15_000 });
    await signIn(page, person.username, own);
    await expect(page.getByRole('alert')).toContainText('Tài khoản hoặc mật khẩu không đúng.');
    await signIn(page, person.username, next);
    await expect(page.getByRole('heading', { name: 'Đổi mật khẩu' })).toBeVisible();
  });
  office.check();
});

test('two appointments: one is chosen at the start, and switched later', async ({ office, server }) => {
  const page = await office.visitor();
  await signIn(page, 'skhcn_leminhdat', server.password('skhcn_leminhdat'));
  await expect(page.getByRole('heading', { name: 'Chọn chức vụ' })).toBeVisible();
  await page.goto('/van-ban-di');
  await expect(page).toHaveURL(/chon-chuc-vu/);
  await page.getByRole('button', { name: /Trung tâm Chuyển đổi số/ }).click();
  await expect(home(page)).toBeVisible();
  const menu = page.getByRole('button', { name: 'Tài khoản của Lê Minh Đạt' });
  await expect(menu).toContainText('Giám đốc');
  await menu.click();
  await page.getByRole('menuitem', { name: /^Phó Giám đốc/ }).click();
  await expect(menu).toContainText('Phó Giám đốc');
  await page.reload();
  await expect(menu).toContainText('Phó Giám đốc');
  office.check();
});

test('another session is ended: its page goes to the sign-in', async ({ office }) => {
  const there = await office.person('vp_trinhthuphuong');
  await there.goto('/cuoc-hop');
  const here = await office.person('vp_trinhthuphuong');
  await chooseFromMenu(here, 'Tài khoản của Trịnh Thu Phương', 'Tài khoản và phiên đăng nhập');
  const ends = here.getByRole('button', { name: /^Kết thúc phiên trên/ });
  await expect(here.getByText('Phiên này', { exact: true })).toHaveCount(1);
  await expect(ends).toHaveCount(1);
  await ends.click();
  await expect(ends).toHaveCount(0);
  await expect(there).toHaveURL(/dang-nhap/, { timeout: 45_000 });
  await expect(there.getByRole('button', { name: 'Đăng nhập', exact: true })).toBeVisible();
  await expect(here.getByRole('heading', { name: 'Tài khoản của tôi' })).toBeVisible();
  office.check();
});

test('signing out ends the session in the browser, also for the way back', async ({ office }) => {
  const page = await office.person('vp_trinhthuphuong');
  await page.goto('/tai-khoan');
  await chooseFromMenu(page, 'Tài khoản của Trịnh Thu Phương', 'Đăng xuất');
  await expect(page).toHaveURL(/dang-nhap/);
  await page.goBack();
  await expect(page).toHaveURL(/dang-nhap/);
  office.check();
});
