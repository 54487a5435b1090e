/**
 * Runs walq with the user, environment, files and read-only root of a container or a systemd unit. It uses namespaces
 * instead of a container engine, and needs root.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startProcess, temporaryDirectory, type RunningProcess } from '@walq/test-support';

/** `tmpfs:PATH`, `ro:HOST_PATH:PATH` or `rw:HOST_PATH:PATH`. */
export type Mount = `${'tmpfs' | 'ro' | 'rw'}:${string}`;

export interface Sandbox {
  readonly uid: number;
  readonly gid: number;
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly readOnlyRoot: boolean;
  readonly command: readonly string[];
}

const repository = join(import.meta.dirname, '../..');
const script = join(import.meta.dirname, 'sandbox.sh');
/** Where the release is installed, in the image and on a host. */
const INSTALLED = '/opt/walq';

/** A separate network with a Redis, which the sandboxes reach at `redis:6379`. */
export class Site {
  readonly #hub: RunningProcess;
  readonly #root: string;
  #count = 0;

  private constructor(hub: RunningProcess, root: string) {
    this.#hub = hub;
    this.#root = root;
  }

  static async start(redis: readonly string[]): Promise<Site> {
    const { path } = await temporaryDirectory('deploy-redis');
    const inOwnNetwork = ['--net', 'sh', '-c', 'ip link set lo up && cd "$0" && exec "$@"', path];
    const open = ['--bind', '0.0.0.0', '--protected-mode', 'no'];
    const hub = await startProcess('unshare', [...inOwnNetwork, ...redis, ...open]);
    await hub.waitForLine(/Ready to accept connections/);
    return new Site(hub, path);
  }

  /** Starts a command of walq. */
  async run({ uid, gid, env, mounts, readOnlyRoot, command }: Sandbox): Promise<RunningProcess> {
    this.#count += 1;
    const root = join(this.#root, `root-${this.#count}`);
    await mkdir(root);
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const place = [this.#hub.pid, this.#count, root, uid, gid, readOnlyRoot ? 'yes' : 'no'];
    const files = [`ro:${repository}:${repository}`, `link:${repository}/apps/cli:${INSTALLED}`];
    const args = [
      script,
      ...place.map(String),
      // The checkout is mounted last: one of the other mounts may cover its path.
      ...mounts,
      ...files,
      '--',
      ...variables,
      ...command,
    ];
    return startProcess('unshare', ['--mount', '--net', 'sh', ...args]);
  }
}

export const WALQ = `${INSTALLED}/bin/walq`;
