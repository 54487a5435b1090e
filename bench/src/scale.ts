/**
 * How walq scales: worker processes, the queue alone, producers, long backlogs.
 *
 *     node dist/scale.js --help
 */
import { cpus, loadavg } from 'node:os';
import { backlogTable, measureBacklogs } from './scale/backlog.ts';
import { measureQueue, measureWorkers, queueTable, workersTable } from './scale/count-jobs.ts';
import { measureProducers, producersTable } from './scale/enqueue-rate.ts';
import { parseOptions, usage, type Measurement, type ScaleOptions } from './scale/options.ts';
import { withSite, type Site } from './scale/site.ts';
import { linesOf, type Table } from './report/table.ts';

interface Measured {
  readonly rows: readonly unknown[];
  readonly table: Table;
}

const measured = <Row>(
  rows: readonly Row[],
  tableOf: (rows: readonly Row[]) => Table,
): Measured => ({
  rows,
  table: tableOf(rows),
});

const measure: Record<Measurement, (site: Site) => Promise<Measured>> = {
  workers: async (site) =>
    measured(await measureWorkers(site), (rows) => workersTable(site.options.jobMs, rows)),
  queue: async (site) => measured(await measureQueue(site), queueTable),
  producers: async (site) =>
    measured(await measureProducers(site), (rows) => producersTable(site.options.enqueued, rows)),
  backlog: async (site) => measured(await measureBacklogs(site), backlogTable),
};

const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());

const options = optionsOrUsage();
if (options !== undefined) await run(options);

function optionsOrUsage(): ScaleOptions | undefined {
  try {
    if (!process.argv.includes('--help')) return parseOptions(process.argv.slice(2));
    console.log(usage);
  } catch (error) {
    process.exitCode = 2;
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
  return undefined;
}

async function run(given: ScaleOptions): Promise<void> {
  try {
    const found = await withSite(given, stopping.signal, measureAll);
    const machine = {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      node: process.version,
      loadAtEnd: loadavg()[0] ?? 0,
    };
    if (given.json) {
      const figures = Object.fromEntries(found.map(([name, { rows }]) => [name, rows]));
      console.log(JSON.stringify({ at: new Date().toISOString(), machine, ...figures }, null, 2));
    } else {
      const load = machine.loadAtEnd.toFixed(1);
      const about = `${machine.cores} cores, Node ${machine.node}, load at the end ${load}`;
      console.log(`${machine.cpu}, ${about}`);
      for (const [, { table }] of found) console.log(linesOf(table).join('\n'));
    }
  } catch (error) {
    process.exitCode = 1;
    console.error(stopping.signal.aborted ? 'stopped' : error);
  }
}

async function measureAll(site: Site): Promise<(readonly [Measurement, Measured])[]> {
  const found: (readonly [Measurement, Measured])[] = [];
  for (const name of site.options.only) found.push([name, await measure[name](site)]);
  return found;
}
