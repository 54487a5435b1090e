import { expect, test } from 'vitest';
import { startProcess } from '@walq/test-support';

const script = (source: string) => startProcess(process.execPath, ['-e', source]);

test('waits for a line of either stream, also one written already', async () => {
  const child = await script(`console.log('one'); console.error('two'); setInterval(() => {}, 9)`);
  expect(await child.waitForLine(/two/)).toBe('two');
  expect(await child.waitForLine((line) => line === 'one')).toBe('one');
  expect(await child.kill('SIGTERM')).toEqual({ code: null, signal: 'SIGTERM' });
});

test('says what was written when the process ends without the line', async () => {
  const child = await script(`console.log('something else')`);
  await expect(child.waitForLine(/ready/)).rejects.toThrow('something else');
});

test('says so when the line does not come in time', async () => {
  const child = await script('setInterval(() => {}, 9)');
  await expect(child.waitForLine(/ready/, { timeoutMs: 50 })).rejects.toThrow('within 50 ms');
});

test('does not wait for a grandchild that holds the output open', async () => {
  const child = await startProcess('sh', ['-c', 'sleep 5 & echo pid $!']);
  const line = await child.waitForLine(/^pid/);
  await child.exit;
  process.kill(Number(line.slice('pid '.length)), 'SIGKILL');
});

test('gives a child the environment asked for, without that of vitest', async () => {
  const source = 'console.log([process.env.WALQ_X, process.env.VITEST, process.env.NODE_ENV])';
  const child = await startProcess(process.execPath, ['-e', source], { env: { WALQ_X: 'here' } });
  expect(await child.waitForLine(/\[/)).toBe(`[ 'here', undefined, undefined ]`);
});

test('rejects a command that cannot be started', async () => {
  await expect(startProcess('/no/such/command')).rejects.toThrow('ENOENT');
});
