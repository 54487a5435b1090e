import { expect, it } from 'vitest';
import { startProcess } from '@walq/test-support';
import { walqCommand } from './walq.ts';

it('is quiet when the reader of stdout goes away', async () => {
  const pipe = `sleep 0.1 | "$0" "$1" check --options --json | true`;
  const shell = await startProcess('bash', ['-o', 'pipefail', '-c', pipe, ...walqCommand]);
  const { code } = await shell.exit;
  expect(shell.stderr).toBe('');
  expect(code).toBe(141);
});
