import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { eventually, startProcess, startRedis, type RunningProcess } from '@walq/test-support';
import { newScene, walqBin, type Scene } from '../scene/index.ts';

test.runIf(existsSync('/proc/self/autogroup'))(
  'a worker lowers the priority of its archiving threads, and of the session that it leads',
  async () => {
    const scene = await newScene({ redisUrl: (await startRedis()).url });
    const alone = await startWorker(scene, 'setsid', [process.execPath]);
    const shared = await startWorker(scene, process.execPath, []);
    await eventually(async () => {
      expect((await niceValues(alone)).filter((nice) => nice === 12)).toHaveLength(3);
    });
    // What renews leases is not among them.
    expect(await mainNice(alone)).toBe(await mainNice(process));
    expect(await sessionNice(alone)).toBe(12);
    expect(await sessionNice(shared)).toBe(await sessionNice(process));
  },
);

async function startWorker(
  scene: Scene,
  command: string,
  args: readonly string[],
): Promise<RunningProcess> {
  const worker = [walqBin, 'worker', '--concurrency', '3', '--config', await scene.configure()];
  const env = { WALQ_WAL__ARCHIVE_NICE: '12' };
  const running = await startProcess(command, [...args, ...worker], { cwd: scene.root, env });
  await running.waitForLine(/worker ready/);
  return running;
}

type HasPid = Pick<RunningProcess, 'pid'>;

async function niceValues({ pid }: HasPid): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  return Promise.all(threads.map((thread) => niceOf(`/proc/${pid}/task/${thread}/stat`)));
}

const mainNice = ({ pid }: HasPid): Promise<number> => niceOf(`/proc/${pid}/task/${pid}/stat`);

/** The 19th field of proc_pid_stat(5). */
async function niceOf(path: string): Promise<number> {
  const stat = await readFile(path, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
}

async function sessionNice({ pid }: HasPid): Promise<number> {
  return Number((await readFile(`/proc/${pid}/autogroup`, 'latin1')).trim().split(' ').at(-1));
}
