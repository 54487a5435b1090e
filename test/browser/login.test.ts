import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '@walq/test-support';
import { expectAccessible, expectNoHorizontalScroll, openPage, picture } from './browser.ts';
import { watchedScene } from './watched-scene.ts';

const PASSWORD = 'correct horse battery';

test('accepts the right credentials only', async () => {
  const directory = await temporaryDirectory('login');
  const path = directory.at('password');
  await writeFile(path, PASSWORD);
  const own = `read_only = false\nusername = "ops"\npassword_file = "${path}"`;
  const { url } = await watchedScene(own);
  const { page } = await openPage(url, { width: 360 });
  await page.getByLabel('Username').fill('ops');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('alert').getByText('Wrong username or password.').waitFor();
  await expectAccessible(page);
  await expectNoHorizontalScroll(page);
  await picture(page, 'login');

  await page.getByLabel('Username').fill('ops');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Sources' }).waitFor();
  await page.goto(`${url}/queues`);
  await page.getByText('wal-archive-orders').first().waitFor();

  await page.goto(url);
  await page.getByRole('button', { name: 'Log out ops' }).click();
  await page.getByLabel('Password').waitFor();
  await page.goto(`${url}/queues`);
  await page.getByLabel('Password').waitFor();
  expect(await page.context().cookies()).toEqual([]);
});
