/** `npm run simulate`: many histories, or one again by its seed. */
import { availableParallelism } from 'node:os';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runHistory } from './history.ts';
import { shown } from './plan.ts';
import { shorten } from './shorten.ts';
import { simulate, type Simulated } from './simulate.ts';
import { describeEnd } from './describe-end.ts';

const USAGE = `usage: npm run simulate -- [--histories N] [--from SEED] [--seed SEED] [--processes N] [--json]

Runs walq on simulated disks and a simulated queue, with faults, on virtual time. Ends with 1 at the first
history that breaks a promise, and prints it as short as it can be made.

  --histories N   how many (1000)
  --from SEED     the first seed (1)
  --seed SEED     only this one, with all that is done in it
  --processes N   at once (one for each core)
  --json          the figures as JSON

for example: npm run simulate -- --histories 1000000`;

const options = {
  histories: { type: 'string', default: '1000' },
  from: { type: 'string', default: '1' },
  seed: { type: 'string' },
  processes: { type: 'string', default: String(availableParallelism()) },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const PIECE = 500;

class WrongUsage extends Error {}

async function main(): Promise<number> {
  try {
    return await run();
  } catch (error) {
    const isUsage = error instanceof WrongUsage || (error instanceof TypeError && 'code' in error);
    if (!isUsage) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}

async function run(): Promise<number> {
  const { values } = parseArgs({ options });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (values.seed !== undefined) return replay(number(values.seed));
  return many(number(values.from), number(values.histories), number(values.processes), values.json);
}

async function replay(seed: number): Promise<number> {
  const ended = await runHistory(seed);
  if (ended.violation !== undefined) {
    console.log(describeEnd(await shorten(ended)));
    return 1;
  }
  for (const action of ended.plan.actions) console.log(shown(action));
  const { publications, deletions, removals, steps } = ended;
  console.log(
    `seed ${seed}: archived ${publications}, deleted ${deletions}, pruned ${removals}, ${steps} steps; nothing broken`,
  );
  return 0;
}

async function many(
  from: number,
  count: number,
  processes: number,
  asJson: boolean,
): Promise<number> {
  const pieces = Array.from({ length: Math.ceil(count / PIECE) }, (_, n) => ({
    from: from + n * PIECE,
    count: Math.min(PIECE, count - n * PIECE),
  }));
  const total = { histories: 0, steps: 0, virtualHours: 0, archived: 0, deleted: 0, pruned: 0 };
  const actions: Record<string, number> = {};
  let failed: Simulated['failed'];
  const startedMs = performance.now();
  const lane = async (): Promise<void> => {
    for (
      let piece = pieces.shift();
      piece !== undefined && failed === undefined;
      piece = pieces.shift()
    ) {
      const done = await inProcess(piece);
      const { actions: its, ...figures } = done.figures;
      for (const [name, value] of Object.entries(figures))
        total[name as keyof typeof total] += value;
      for (const [kind, times] of Object.entries(its)) actions[kind] = (actions[kind] ?? 0) + times;
      failed ??= done.failed;
      if (!asJson) console.log(`${total.histories} of ${count} histories`);
    }
  };
  await Promise.all(Array.from({ length: processes }, lane));
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  const figures = { ...total, virtualHours: Math.round(total.virtualHours), seconds, actions };
  console.log(asJson ? JSON.stringify(figures) : figures);
  if (failed === undefined) return 0;
  console.log(describeEnd(await shorten(await runHistory(failed.plan.seed))));
  return 1;
}

interface Piece {
  readonly from: number;
  readonly count: number;
}

function inProcess(piece: Piece): Promise<Simulated> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [], {
      env: { ...process.env, [PIECE_OF]: JSON.stringify(piece) },
    });
    let answer: Simulated | undefined;
    child.on('message', (message) => {
      answer = message as Simulated;
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (answer === undefined) reject(new Error(`a simulating process ended with ${code}`));
      else resolve(answer);
    });
  });
}

const PIECE_OF = 'WALQ_SIMULATED_PIECE';

async function child(text: string): Promise<void> {
  const { from, count } = JSON.parse(text) as Piece;
  const { figures, failed } = await simulate(from, count);
  process.send?.({ figures, failed });
  process.disconnect();
}

function number(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new WrongUsage(`'${text}' is no whole number above 0`);
}

const piece = process.env[PIECE_OF];
if (piece !== undefined) await child(piece);
else process.exitCode = await main();
