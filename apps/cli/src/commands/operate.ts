/** What an operator does to the queue of one source: pause, resume, retry. */
import { createOperator, type Operator, type Pause } from '@walq/archive-queue';
import { WalqError } from '@walq/wal-core/internal';
import type { ConfiguredSource } from '@walq/config';
import { printable } from '@walq/wal-core/printable';
import type { Call, CliCommand } from '../command-line/command.ts';
import { quietLogger } from '@walq/role/logger';
import { requireRedis } from '../sources/queue-status.ts';
import { whoRepairs } from '../sources/owner.ts';
import { sourceOf } from '../sources/require.ts';
import { showCount } from '../terminal/human.ts';
import { print, printJson } from '../terminal/print.ts';

export const pause: CliCommand = {
  examples: ['walq pause orders'],

  define(program) {
    program.argument('<source>', 'name of the source');
  },

  async run(call) {
    const { name } = await sourceOfCall(call);
    const who = whoRepairs();
    const inForce = await operate(call, (operator) => operator.pause(name, who));
    if (call.json) return printJson({ source: name, paused: true, ...inForce });
    await print(`${name} is paused${describe(inForce)}: workers take no more of its segments`);
    await print(`to end the pause: walq resume ${name}`);
  },
};

export const resume: CliCommand = {
  examples: ['walq resume orders'],

  define(program) {
    program.argument('<source>', 'name of the source');
  },

  async run(call) {
    const { name } = await sourceOfCall(call);
    const ended = await operate(call, (operator) => operator.resume(name));
    if (call.json) return printJson({ source: name, paused: false, ended: ended ?? null });
    if (ended === undefined) await print(`${name} was not paused`);
    else await print(`${name} is resumed; it was paused${describe(ended)}`);
  },
};

export const retry: CliCommand = {
  examples: ['walq retry orders', 'walq retry orders wal-000042.bin'],

  define(program) {
    program
      .argument('<source>', 'name of the source')
      .argument(
        '[segment]',
        'only this segment (default: every segment that waits after a failure)',
      );
  },

  async run(call) {
    const { name } = await sourceOfCall(call);
    const [, segment] = call.args;
    const [retried, inForce] = await operate(call, async (operator) => [
      await retryOf(operator, name, segment),
      await operator.pauseInForce(name),
    ]);
    if (call.json) return printJson({ source: name, retried, pause: inForce ?? null });
    await print(said(name, retried, segment));
    if (inForce === undefined) return;
    await print(
      `${name} is paused${describe(inForce)}: nothing is archived until walq resume ${name}`,
    );
  },
};

function said(source: string, retried: number, segment?: string): string {
  if (segment !== undefined) return `${printable(segment)} of ${source} is retried now`;
  return retried === 0
    ? `no segment of ${source} is waiting after a failure`
    : `${showCount(retried, 'segment')} of ${source} retried now`;
}

async function retryOf(operator: Operator, source: string, segment?: string): Promise<number> {
  if (segment === undefined) return operator.retryAll(source);
  if (await operator.retry(source, segment)) return 1;
  throw new WalqError('segment-unknown', {
    message: `segment '${segment}' of source '${source}' is not waiting after a failure`,
    hint: `Run walq status and walq repair ${source}: it is in flight, archived, in quarantine or not due.`,
  });
}

const sourceOfCall = async (call: Call): Promise<ConfiguredSource> =>
  sourceOf(await call.loadConfig({ secretsOf: ['redis'] }), call.args[0] ?? '');

async function operate<T>(call: Call, act: (operator: Operator) => Promise<T>): Promise<T> {
  const config = await call.loadConfig({ secretsOf: ['redis'] });
  const operator = createOperator({
    redis: await requireRedis(config),
    logger: quietLogger(),
    sources: config.sources.map(({ name }) => name),
    queueName: config.queue.name,
  });
  try {
    return await act(operator);
  } finally {
    operator.close();
  }
}

/** Empty if the queue was not paused through walq: then nobody is on record. */
function describe({ by, at }: Pause): string {
  if (by === null || at === null) return '';
  return ` by ${printable(by)} since ${at}`;
}
