import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  ClusterFiles,
  startProcess,
  temporaryDirectory,
  type RunningProcess,
} from '@walq/test-support';
import { ended, walq, type Outcome } from './walq.ts';

/** The command as PostgreSQL starts it: the shell script. */
const script = fileURLToPath(new URL('../bin/walq', import.meta.url));

type Environment = Readonly<Record<string, string>>;

export interface PostgresScene {
  readonly cluster: ClusterFiles;
  readonly config: string;
  readonly at: (path: string) => string;
  /** What Node does with a call, in the data directory and in this process. */
  call(args: readonly string[], env?: Environment): Promise<Outcome>;
  /** As PostgreSQL does it: through the script, which starts Node if needed. */
  callFastPath(args: readonly string[], env?: Environment): Promise<Outcome>;
  /** As `callFastPath`, in a given shell. */
  callThrough(
    shell: readonly string[],
    args: readonly string[],
    env?: Environment,
  ): Promise<Outcome>;
  startFastPath(args: readonly string[], env?: Environment): Promise<RunningProcess>;
  /** As `callFastPath`, where Node is a program that only ends with this code. */
  callWithoutNode(args: readonly string[], code?: number): Promise<Outcome>;
  push(name: string): Promise<Outcome>;
}

/** A cluster of hand-made files, a configuration and an empty archive. */
export async function newPostgresScene(): Promise<PostgresScene> {
  const directory = await temporaryDirectory('wal-push');
  const cluster = await new ClusterFiles(directory.at('main')).create();
  const config = directory.at('walq.toml');
  await mkdir(directory.at('archive'));
  await writeFile(
    config,
    `[archive]\nurl = "archive"\n[sources.main]\ntype = "postgres"\npath = "main"\n`,
  );
  const inDataDirectory = (env: Environment = {}) => ({
    cwd: cluster.dataDirectory,
    env: { WALQ_CONFIG: undefined, WALQ_ARCHIVE__URL: undefined, ...env },
  });
  const call: PostgresScene['call'] = (args, env) => walq(args, inDataDirectory(env));
  const startFastPath: PostgresScene['startFastPath'] = (args, env) =>
    startProcess(script, args, inDataDirectory(env));
  const callFastPath: PostgresScene['callFastPath'] = async (args, env) =>
    ended(await startFastPath(args, env));
  const callThrough: PostgresScene['callThrough'] = async ([shell = '', ...first], args, env) =>
    ended(await startProcess(shell, [...first, script, ...args], inDataDirectory(env)));
  const callWithoutNode: PostgresScene['callWithoutNode'] = async (args, code = 77) => {
    const fake = directory.at(`ends-with-${code}`);
    await writeFile(fake, `#!/bin/sh\nexit ${code}\n`);
    await chmod(fake, 0o755);
    return callFastPath(args, { WALQ_NODE: fake });
  };
  const push = (name: string) => call(['wal-push', `pg_wal/${name}`, '--config', config]);
  return {
    cluster,
    config,
    at: directory.at,
    call,
    callFastPath,
    callThrough,
    startFastPath,
    callWithoutNode,
    push,
  };
}
