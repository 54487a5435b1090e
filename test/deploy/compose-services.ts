/** Reads the services of deploy/compose.yaml: user, environment, mounts and command. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { deploy, readImage, userOf } from './image.ts';
import type { Mount, Sandbox } from './sandbox.ts';

interface Service {
  readonly user?: string;
  readonly read_only?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly command?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

/** `variables` replace those in the file; `files` replaces the directory of the file. */
export async function composeService(
  name: string,
  variables: Readonly<Record<string, string>>,
  files: (path: string) => string,
): Promise<Sandbox> {
  const compose = await readCompose(variables);
  const service = compose.services[name];
  if (service === undefined) throw new Error(`compose.yaml has no service ${name}`);
  const image = await readImage();
  const volumes = (service.volumes ?? []).map((volume): Mount => {
    const [from = '', to = '', mode = 'rw'] = volume.split(':');
    return `${mode === 'ro' ? 'ro' : 'rw'}:${from.startsWith('./') ? files(from) : from}:${to}`;
  });
  const secrets = (service.secrets ?? []).map((secret): Mount => {
    return `ro:${files(compose.secrets[secret]?.file ?? '')}:/run/secrets/${secret}`;
  });
  return {
    ...userOf(service.user ?? image.user),
    env: { ...image.env, ...service.environment },
    mounts: [
      ...volumes,
      ...secrets,
      ...(service.tmpfs ?? []).map((path): Mount => `tmpfs:${path}`),
    ],
    readOnlyRoot: service.read_only === true,
    command: [...image.entrypoint, ...(service.command ?? [])],
  };
}

export const redisCommand = async (): Promise<readonly string[]> =>
  (await readCompose({ WAL: '', ARCHIVE: '' })).services['redis']?.command ?? [];

async function readCompose(variables: Readonly<Record<string, string>>): Promise<Compose> {
  const text = await readFile(join(deploy, 'compose.yaml'), 'utf8');
  const filled = text.replaceAll(
    /\$\{(\w+)(?::([-?])([^}]*))?\}/g,
    (_, name: string, kind: string, rest: string) => {
      const value = variables[name] ?? (kind === '-' ? rest : undefined);
      if (value === undefined) throw new Error(`compose.yaml wants ${name}`);
      return value;
    },
  );
  return parse(filled, { merge: true }) as Compose;
}
