import { writeFile } from 'node:fs/promises';
import { loadConfig, type ConfigRequest, type ConfigWith, type SecretTable } from '@walq/config';
import { nodeDisk } from '@walq/wal-core/internal';
import { temporaryDirectory, type TemporaryDirectory } from '@walq/test-support';

export type Request = Partial<Omit<ConfigRequest, 'cwd'>> & { readonly toml?: string };

/** Loads a configuration from a directory of its own, with a `walq.toml` where one is given. */
export async function load({
  toml,
  ...request
}: Request): Promise<[ConfigWith<SecretTable>, TemporaryDirectory]> {
  const directory = await temporaryDirectory('config');
  if (toml !== undefined) await writeFile(directory.at('walq.toml'), toml);
  const config = await loadConfig({ disk: nodeDisk, cwd: directory.path, env: {}, ...request });
  return [config, directory];
}

/** The message of the failure to load, with the test's directory written as `$`. */
export async function failureOf({ toml, ...request }: Request): Promise<string> {
  const directory = await temporaryDirectory('config');
  if (toml !== undefined) await writeFile(directory.at('walq.toml'), toml);
  const loading = loadConfig({ disk: nodeDisk, cwd: directory.path, env: {}, ...request });
  return loading.then(
    () => 'loaded',
    (error: Error) => error.message.replaceAll(directory.path, '$'),
  );
}
