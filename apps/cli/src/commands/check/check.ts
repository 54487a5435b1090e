import { listOptions } from '@walq/config';
import { printable } from '@walq/wal-core/printable';
import { asWalqError } from '@walq/wal-core/internal';
import { durationOption } from '../../command-line/arguments.ts';
import { checkArchive } from './check-archive.ts';
import { checkConditions, checkSource } from './check-source.ts';
import { checkPostgres } from './check-postgres.ts';
import { checkRedis } from './check-redis.ts';
import { ok, type Finding, warning, type Subject } from './finding.ts';
import type { Call, CliCommand } from '../../command-line/command.ts';
import { isPostgres } from '../../postgres/postgres-source.ts';
import { queueOf } from '../../sources/queue-status.ts';
import { requireSources, whereOf } from '../../sources/require.ts';
import { printJson, print, printLines } from '../../terminal/print.ts';
import { seeAnchor } from '../../terminal/render-failure.ts';

interface CheckOptions {
  readonly options?: boolean;
  readonly switch: boolean;
  readonly timeout: number;
}

export const command: CliCommand<CheckOptions> = {
  examples: ['walq check', 'walq check --options'],

  define(program) {
    program
      .option('--options', 'list all configuration options instead')
      .option('--no-switch', 'do not switch to a new WAL segment to test archiving (PostgreSQL)')
      .addOption(
        durationOption('--timeout <duration>', 'how long that test may take').default(
          60_000,
          '60s',
        ),
      );
  },

  async run(call) {
    if (call.options.options === true) return printOptions(call.json);
    const findings = await checkAll(call);
    const isSound = findings.every(({ state }) => state !== 'failed');
    if (call.json) await printJson({ ok: isSound, checks: findings });
    else for (const found of findings) await printFinding(found);
    return isSound ? undefined : 1;
  },
};

async function checkAll(call: Call<CheckOptions>): Promise<Finding[]> {
  const config = await call.loadConfig();
  const { options } = call;
  const sources = requireSources(config);
  const archives = [...new Map(sources.map((source) => [source.archiveUrl, source])).values()];
  const findings = await Promise.all([
    checkRedis(call),
    ...archives.map((archive) =>
      checkArchive(
        archive,
        sources.filter((one) => one.archiveUrl === archive.archiveUrl),
      ),
    ),
    ...sources.map((source) =>
      isPostgres(source)
        ? checkPostgres(source, { switchWal: options.switch, timeoutMs: options.timeout })
        : checkSource(source),
    ),
    checkDashboard(call),
  ]);
  const queue = await queueOf(call);
  const conditions = await Promise.all(sources.map((source) => checkConditions(source, queue)));
  const found = [...findings.flat(), ...conditions.flat()];
  return [
    ok({ check: 'configuration', name: whereOf(config) }, 'is valid'),
    ...found.filter((one, index) => !isRepeated(one, found.slice(0, index))),
  ];
}

/** Only the dashboard needs its secrets, and the check may run as another user or in another container. */
async function checkDashboard(call: Pick<Call, 'loadConfig'>): Promise<readonly Finding[]> {
  const subject: Subject = { check: 'dashboard', name: 'secrets' };
  try {
    const { dashboard } = await call.loadConfig({ secretsOf: ['dashboard'] });
    const isNamed = dashboard.token !== undefined || dashboard.login !== undefined;
    return isNamed ? [ok(subject, 'can be read')] : [];
  } catch (error) {
    return [
      warning(
        subject,
        asWalqError(error).message,
        'Only walq dashboard needs them. If it runs as another user, run walq check as that user.',
      ),
    ];
  }
}

/** Several checks may report the same failure of a source. */
const isRepeated = ({ check, name, code }: Finding, before: readonly Finding[]): boolean =>
  code !== undefined &&
  before.some((one) => one.check === check && one.name === name && one.code === code);

const words = { ok: 'ok', warning: 'warning', failed: 'FAILED' };

async function printFinding({ check, name, state, message, hint, code }: Finding): Promise<void> {
  await print(`${words[state].padEnd(7)}  ${check} ${printable(name)}: ${printable(message)}`);
  if (hint !== undefined) await print(`           hint: ${hint}${seeAnchor(code)}`);
}

async function printOptions(json: boolean): Promise<void> {
  if (json) return printJson(listOptions());
  for (const { key, meaning, expected, unit, default: value } of listOptions()) {
    const facts = [`    ${meaning}`, `    expects ${expected}`];
    if (unit !== undefined) facts.push(`    unit: ${unit}`);
    facts.push(`    default: ${value ?? 'none'}`);
    await printLines([key, ...facts]);
  }
}
