import { fileURLToPath } from 'node:url';
import type { ChildSpec } from './child-spec.ts';

const walq = fileURLToPath(new URL('../../bin/walq.js', import.meta.url));

/** A role of walq as a child: the same command, on the same Node, with the same configuration. */
export function roleSpec(
  name: string,
  args: readonly string[],
  options: {
    readonly configPath: string | undefined;
    readonly env?: ChildSpec['env'];
  },
): ChildSpec {
  const config = options.configPath === undefined ? [] : ['--config', options.configPath];
  return {
    name,
    command: process.execPath,
    args: [...process.execArgv, walq, ...args, ...config],
    ...(options.env === undefined ? {} : { env: options.env }),
  };
}
