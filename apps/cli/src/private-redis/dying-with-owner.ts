import { access, constants } from 'node:fs/promises';

const SETPRIV = '/usr/bin/setpriv';

/**
 * The command such that the kernel ends it when its parent dies, even by SIGKILL. Where `setpriv` is
 * not there (it is part of util-linux), a server may outlive its owner until the next one starts and
 * ends it; see `endLeftover`.
 */
export async function dyingWithOwner(
  command: string,
  args: readonly string[],
): Promise<{ command: string; args: readonly string[] }> {
  const has = await access(SETPRIV, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!has) return { command, args };
  return { command: SETPRIV, args: ['--pdeathsig', 'TERM', '--', command, ...args] };
}
