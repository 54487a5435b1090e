import { freePort, startRedis, type RunningProcess } from '@walq/test-support';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newScene, startWalq, type Scene } from '../scene/index.ts';

export interface Watched {
  readonly scene: Scene;
  /** Address of the archive page. */
  readonly url: string;
  readonly dashboard: RunningProcess;
  start(...args: string[]): ReturnType<typeof startWalq>;
}

const ACTING = 'read_only = false\ntrusted_proxy = true';

/** A source, and a dashboard that shows it. */
export async function watchedScene(own = ACTING): Promise<Watched> {
  const redis = await startRedis();
  const scene = await newScene({ redisUrl: redis.url });
  const port = await freePort();
  const table = `\n[dashboard]\nlisten = "127.0.0.1:${port}"\n${own}\n`;
  await appendFile(join(scene.root, 'walq.toml'), table);
  const start = (...args: string[]) => startWalq(args, { cwd: scene.root });
  const dashboard = await start('dashboard');
  await dashboard.waitForLine(/dashboard ready/);
  return { scene, start, dashboard, url: `http://127.0.0.1:${port}` };
}
