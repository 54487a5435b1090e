import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ClusterFiles, startProcess, temporaryDirectory } from '@walq/test-support';
import type { Outcome } from './walq.ts';

/** The command as PostgreSQL starts it: the sh front. */
export const front = fileURLToPath(new URL('../bin/walq', import.meta.url));

export interface PostgresScene {
  readonly cluster: ClusterFiles;
  readonly config: string;
  readonly at: (path: string) => string;
  /** In the data directory, as PostgreSQL does it. */
  call(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Outcome>;
  /** As `call`, where Node is a program that only ends with this code. */
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
  const call: PostgresScene['call'] = async (args, env = {}) => {
    const clean = { WALQ_CONFIG: undefined, WALQ_ARCHIVE__URL: undefined };
    const options = { cwd: cluster.dataDirectory, env: { ...clean, ...env } };
    const running = await startProcess(front, args, options);
    const ended = await running.exit;
    return { ...ended, stdout: running.stdout, stderr: running.stderr };
  };
  const callWithoutNode: PostgresScene['callWithoutNode'] = async (args, code = 77) => {
    const fake = directory.at(`ends-with-${code}`);
    await writeFile(fake, `#!/bin/sh\nexit ${code}\n`);
    await chmod(fake, 0o755);
    return call(args, { WALQ_NODE: fake });
  };
  const push = (name: string) => call(['wal-push', `pg_wal/${name}`, '--config', config]);
  return { cluster, config, at: directory.at, call, callWithoutNode, push };
}
