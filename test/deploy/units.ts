/** Reads the units of deploy/systemd: user, environment, mounts and command. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deploy, userOf } from './image.ts';
import type { Mount, Sandbox } from './sandbox.ts';

export interface UnitPlaces {
  /** `uid:gid` of the user of a unit. */
  readonly user: (name: string) => string;
  /** Maps a path of the unit to one on this host; undefined if it does not exist. */
  readonly path: (path: string) => string | undefined;
  readonly mounts: readonly Mount[];
}

/** The directories that systemd creates for these settings, and the variables that name them. */
const directories = {
  StateDirectory: { parent: '/var/lib', variable: 'STATE_DIRECTORY' },
  CacheDirectory: { parent: '/var/cache', variable: 'CACHE_DIRECTORY' },
} as const;

/** A unit such as `walq-worker@1.service`, with drop-ins. */
export async function unit(
  name: string,
  places: UnitPlaces,
  dropIns: readonly string[] = [],
): Promise<Sandbox> {
  const [, instance = ''] = /@(\w*)\./.exec(name) ?? [];
  const files = [name.replace(/@\w*/, '@'), ...dropIns];
  const texts = await Promise.all(
    files.map((file) => readFile(join(deploy, 'systemd', file), 'utf8')),
  );
  const text = texts.join('\n').replaceAll('%i', instance);
  const all = (key: string): string[] =>
    [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].flatMap(([, value = '']) =>
      value.split(' '),
    );
  if (all('ProtectSystem').at(-1) !== 'strict') throw new Error(`${name} may write everywhere`);
  const user = all('User').at(-1) ?? 'root';
  const made = Object.entries(directories).flatMap(([key, { parent, variable }]) =>
    all(key).map((directory) => ({ variable, path: join(parent, directory) })),
  );
  const writable = [...made.map(({ path }) => path), ...all('ReadWritePaths')];
  return {
    ...userOf(places.user(user)),
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin',
      HOME: user === 'postgres' ? '/var/lib/postgresql' : '/var/lib/walq',
      USER: user,
      LOGNAME: user,
      ...Object.fromEntries(made.map(({ variable, path }) => [variable, path])),
      ...Object.fromEntries(
        all('Environment').map((pair) => pair.split('=', 2) as [string, string]),
      ),
    },
    mounts: [
      ...places.mounts,
      ...writable.flatMap((path): Mount[] => mountOf(path, places)),
      ...(all('PrivateTmp').at(-1) === 'yes' ? (['tmpfs:/tmp', 'tmpfs:/var/tmp'] as const) : []),
    ],
    readOnlyRoot: true,
    command: all('ExecStart'),
  };
}

/** A path with a leading dash may be missing. */
function mountOf(written: string, { path: placeOf }: UnitPlaces): Mount[] {
  const path = written.replace(/^-/, '');
  const place = placeOf(path);
  if (place !== undefined) return [`rw:${place}:${path}`];
  if (written.startsWith('-')) return [];
  throw new Error(`systemd would not start the unit: ${path} does not exist`);
}
