/** The manual page, as the tools that print and check such pages read it. */
import { startProcess, temporaryDirectory } from '@walq/test-support';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandList } from '../../apps/cli/dist/command-line/command-list.js';

const BACKSPACE = String.fromCodePoint(8);

const walq = join(import.meta.dirname, '../../apps/cli/bin/walq');

async function output(command: string, args: readonly string[]) {
  const running = await startProcess(command, args, { env: { MANWIDTH: '120' } });
  const { code } = await running.exit;
  return { code, stdout: running.stdout, stderr: running.stderr };
}

test('describes every command, and mandoc and groff have nothing to say', async () => {
  const directory = await temporaryDirectory('manual');
  const page = directory.at('walq.1');
  const printed = await output(walq, ['man']);
  expect(printed).toMatchObject({ code: 0, stderr: '' });
  await writeFile(page, printed.stdout);
  expect(await output('mandoc', ['-T', 'lint', page])).toEqual({ code: 0, stdout: '', stderr: '' });
  const warnings = await output('groff', ['-man', '-ww', '-z', '-Tutf8', page]);
  expect(warnings).toEqual({ code: 0, stdout: '', stderr: '' });
  const { stdout } = await output('mandoc', ['-T', 'ascii', page]);
  const text = stdout.replaceAll(new RegExp(`.${BACKSPACE}`, 'g'), '');
  for (const { name, isHidden } of commandList) {
    if (isHidden !== true) expect(text).toMatch(new RegExp(`^ {3}walq ${name}\\b`, 'm'));
  }
  expect(text).toContain('--log-level <level>');
});
