/** The options of `scale`. */
import { parseArgs } from 'node:util';

export const measurements = ['workers', 'queue', 'producers', 'backlog'] as const;
export type Measurement = (typeof measurements)[number];

export interface ScaleOptions {
  readonly only: readonly Measurement[];
  readonly rounds: number;
  /** Numbers of worker processes, the first of which is what the others are compared with. */
  readonly workers: readonly number[];
  readonly jobMs: number;
  /** For how long jobs are counted, after a warm-up. */
  readonly seconds: number;
  readonly producers: readonly number[];
  readonly enqueued: number;
  readonly backlogs: readonly number[];
  /** Where segments and archives are made. */
  readonly directory: string;
  readonly json: boolean;
}

export const usage = `usage: node dist/scale.js [OPTIONS]

  --only LIST           of ${measurements.join(', ')}; default all
  --rounds N            how often each is measured (3)
  --workers LIST        worker processes (1,2,4,8,16)
  --job-ms N            what a simulated job takes (50)
  --seconds N           for how long jobs are counted (10)
  --producers LIST      producer processes (1,2,4)
  --enqueued N          segments that each producer enqueues, at most 4096 (4000)
  --backlogs LIST       segments that wait (2000,200000)
  --directory DIR       where they are made (WALQ_BENCH_DIR, or /var/tmp)
  --json                the figures as JSON`;

export function parseOptions(args: string[]): ScaleOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: {
      only: text,
      rounds: text,
      workers: text,
      'job-ms': text,
      seconds: text,
      producers: text,
      enqueued: text,
      backlogs: text,
      directory: text,
      json: { type: 'boolean' },
    },
  });
  return {
    only: measurementsOf(values.only),
    rounds: numberOf('rounds', values.rounds ?? '3'),
    workers: numbersOf('workers', values.workers ?? '1,2,4,8,16'),
    jobMs: numberOf('job-ms', values['job-ms'] ?? '50'),
    seconds: numberOf('seconds', values.seconds ?? '10'),
    producers: numbersOf('producers', values.producers ?? '1,2,4'),
    enqueued: Math.min(4096, numberOf('enqueued', values.enqueued ?? '4000')),
    backlogs: numbersOf('backlogs', values.backlogs ?? '2000,200000'),
    directory: values.directory ?? process.env['WALQ_BENCH_DIR'] ?? '/var/tmp',
    json: values.json === true,
  };
}

function measurementsOf(list: string | undefined): readonly Measurement[] {
  if (list === undefined) return measurements;
  return list.split(',').map((name) => {
    const known = measurements.find((one) => one === name);
    if (known === undefined) throw new TypeError(`--only knows ${measurements.join(', ')}`);
    return known;
  });
}

const numbersOf = (option: string, list: string): number[] =>
  list.split(',').map((one) => numberOf(option, one));

function numberOf(option: string, text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new TypeError(`--${option} takes a number above 0, not '${text}'`);
}
