/** The directory of a demo: a configuration as a user would write it, and room for all that it makes. */
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

/** `env` is what the roles get too. */
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

/** A queue of its own, so that the demo is alone also on a server that others use. */
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
