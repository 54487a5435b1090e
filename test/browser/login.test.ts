import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '@walq/test-support';
import { expectAccessible, expectNoSideways, openPage, picture } from './browser.ts';
import { watchedScene } from './watched-scene.ts';

const PASSWORD = 'correct horse battery';

test('lets in who has the right credentials, and nobody else', async () => {
  const directory = await temporaryDirectory('login');
  const path = directory.at('password');
  await writeFile(path, PASSWORD);
  const own = `read_only = false\nusername = "ops"\npassword_file = "${path}"`;
  const { url } = await watchedScene(own);
  const { page } = await openPage(url, { width: 360 });
  await page.getByLabel('Name').fill('ops');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('alert').getByText('That is not right').waitFor();
  await expectAccessible(page);
  await expectNoSideways(page);
  await picture(page, 'login');

  await page.getByLabel('Name').fill('ops');
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
