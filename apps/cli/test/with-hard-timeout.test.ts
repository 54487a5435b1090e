import { execFileSync } from 'node:child_process';
import { startProcess, temporaryDirectory } from '@walq/test-support';
import { expect, test } from 'vitest';

const withHardTimeout = new URL('../dist/deadlines/with-hard-timeout.js', import.meta.url).href;

/** Opens a pipe that nobody writes to: like a disk that does not answer, the call never returns. */
const hanging = (pipe: string): string => `
import { open } from 'node:fs/promises';
import { withHardTimeout } from ${JSON.stringify(withHardTimeout)};
const options = { what: 'waiting', timeoutMs: 100, json: false, debug: false, signal: new AbortController().signal };
await withHardTimeout(options, () => open(${JSON.stringify(pipe)}));
`;

test('a process ends in its time under a call that never returns', async () => {
  const { at } = await temporaryDirectory('with-hard-timeout');
  execFileSync('mkfifo', [at('pipe')]);
  const script = ['--input-type=module', '--eval', hanging(at('pipe'))];
  const running = await startProcess(process.execPath, script);
  expect(await running.exit).toEqual({ code: null, signal: 'SIGKILL' });
  expect(running.stderr).toContain('waiting took longer than 0.1 s');
});
