/** The directory of a demo: its configuration, source and archive. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig, type ConfigWith, type ConfiguredSource } from '@walq/config';
import { nodeDisk } from '@walq/wal-core/internal';

const DEMO_SOURCE = 'orders';

export interface DemoPlace {
  readonly root: string;
  readonly configPath: string;
  readonly config: ConfigWith<'redis'>;
  readonly source: ConfiguredSource;
}

/** `env` is also the environment of the roles. */
export async function prepareDemo(
  root: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<DemoPlace> {
  const configPath = join(root, 'walq.toml');
  await mkdir(join(root, 'wal'));
  await mkdir(join(root, 'archive'));
  await writeFile(configPath, configOf(root));
  const config = await loadConfig({
    disk: nodeDisk,
    cwd: root,
    env: { ...process.env, ...env },
    configPath,
  });
  const source = config.sources.find(({ name }) => name === DEMO_SOURCE);
  if (source === undefined) throw new Error('the configuration of the demo has its source');
  return { root, configPath, config, source };
}

/** The queue's name is unique, so that the demo disturbs nothing on a shared server. */
const configOf = (root: string): string => `# Written by walq demo.
[queue]
name = ${JSON.stringify(`walq-demo-${process.pid}-${Date.now()}`)}

[archive]
url = ${JSON.stringify(join(root, 'archive'))}

[sources.${DEMO_SOURCE}]
type = "log"
path = ${JSON.stringify(join(root, 'wal'))}

[log]
level = "warn"
`;
