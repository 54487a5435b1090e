import { writeFile } from 'node:fs/promises';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { startProcess, type RunningProcess } from './start-process.ts';
import { ask, redisBinary, startRedis, type RunningRedis } from './start-redis.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const MASTER_NAME = 'walq';
const SENTINELS = 3;
const MAJORITY = 2;

interface Sentinel {
  readonly port: number;
  readonly running: RunningProcess;
}

/** A Redis with a replica, and Sentinels that make the replica the primary when the primary is gone. */
export interface WatchedRedis {
  readonly primary: RunningRedis;
  readonly replica: RunningRedis;
  readonly sentinels: readonly Sentinel[];
  readonly masterName: string;
  /** Port of the server that a Sentinel calls the primary now. */
  primaryPort(): Promise<number>;
}

/** Starts them all for one test; resolves when each Sentinel knows the others and the replica. */
export async function startWatchedRedis(): Promise<WatchedRedis> {
  const primary = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] });
  const replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(primary.port)] });
  await untilAnswers(replica.port, 'ROLE', /connected/);
  const sentinels: Sentinel[] = [];
  for (let count = 0; count < SENTINELS; count += 1) {
    sentinels.push(await startSentinel(primary.port));
  }
  const knowsAll = new RegExp(
    `num-slaves\\r\\n\\$1\\r\\n1[^]*num-other-sentinels\\r\\n\\$1\\r\\n${SENTINELS - 1}`,
  );
  for (const { port } of sentinels) {
    await untilAnswers(port, `SENTINEL MASTER ${MASTER_NAME}`, knowsAll);
  }
  const asked = sentinels.at(-1)?.port ?? 0;
  return {
    primary,
    replica,
    sentinels,
    masterName: MASTER_NAME,
    primaryPort: async () => {
      const answer = await ask(asked, `SENTINEL GET-MASTER-ADDR-BY-NAME ${MASTER_NAME}`);
      return Number(answer.trim().split('\r\n').at(-1));
    },
  };
}

async function startSentinel(primaryPort: number): Promise<Sentinel> {
  const directory = await temporaryDirectory('sentinel');
  const port = await freePort();
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `dir ${directory.path}`,
    `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${primaryPort} ${MAJORITY}`,
    `sentinel down-after-milliseconds ${MASTER_NAME} 1500`,
    `sentinel failover-timeout ${MASTER_NAME} 6000`,
  ];
  // It writes what it learns into its own configuration.
  const file = directory.at('sentinel.conf');
  await writeFile(file, `${lines.join('\n')}\n`);
  const running = await startProcess(await redisBinary(), [file, '--sentinel']);
  await untilAnswers(port, 'PING', /PONG/);
  return { port, running };
}

async function untilAnswers(port: number, command: string, expected: RegExp): Promise<void> {
  await eventually(async () => {
    const answer = await ask(port, command);
    if (!expected.test(answer)) throw new Error(`${command} got ${answer}`);
  });
}
