/** Admits the PostgreSQL instance of this machine to an archive that another one began. */
import {
  admitInstance,
  clearRefusal,
  findRefusal,
  nodeDisk,
  openStoreOf,
  readArchiveOwner,
  readCluster,
  readIdentity,
  renewIdentity,
  WalqError,
  type AdmittedInstance,
  type ArchiveStore,
} from '@walq/wal-core/internal';
import { access, realpath } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Call, CliCommand } from '../command-line/command.ts';
import { postgresSource, type PostgresSource } from '../postgres/postgres-source.ts';
import { print, printJson, warn } from '../terminal/print.ts';
import { assertMayWrite } from '../sources/owner.ts';

interface AdoptOptions {
  readonly systemIdentifier?: string;
}

export const command: CliCommand<AdoptOptions> = {
  examples: ['walq adopt main'],

  define(program) {
    program
      .argument('<source>', 'name of the source')
      .option(
        '--system-identifier <n>',
        'admit a cluster with another system identifier, for example after pg_upgrade',
      );
  },

  async run(call) {
    const source = postgresSource(await call.loadConfig(), call.args[0]);
    await assertMayWrite(call, source);
    await warnElsewhere(source);
    const store = openStoreOf(source, nodeDisk);
    const admitted = await adopt(call, source, store);
    if (call.json) return printJson({ source: source.name, archive: store.url, ...admitted });
    const { dataDirectory, host } = admitted;
    await print(`${dataDirectory} on ${host} may archive as '${source.name}' to ${store.url}`);
  },
};

/** On a restored server the configuration may still name the old data directory. */
async function warnElsewhere({ name, sealedRule }: PostgresSource): Promise<void> {
  const here = process.cwd();
  const isDataDirectory = await access('PG_VERSION').then(
    () => true,
    () => false,
  );
  if (!isDataDirectory) return;
  const named = await realpath(sealedRule.dataDirectory).catch(() => undefined);
  if (named === undefined || named === (await realpath(here))) return;
  warn(
    `walq: this command admits ${sealedRule.dataDirectory}, the path of [sources.${name}], and not the data directory that it runs in, ${here}`,
  );
}

async function adopt(
  call: Call<AdoptOptions>,
  source: PostgresSource,
  store: ArchiveStore,
): Promise<AdmittedInstance> {
  const { dataDirectory } = source.sealedRule;
  const { systemIdentifier } = await readCluster(nodeDisk, dataDirectory);
  const owner = await readArchiveOwner(store, source.name);
  if (owner === undefined) throw nobodyThere(source, store);
  if (owner.systemIdentifier !== systemIdentifier) {
    assertSameSystem(call, source, owner.systemIdentifier, systemIdentifier);
  }
  const instance = await instanceOf(source);
  const at = new Date().toISOString();
  const admitted = { instance, systemIdentifier, dataDirectory, host: hostname(), at };
  if (owner.sourceId !== instance) await admitInstance(store, source.name, admitted);
  await forgetRefusal(source);
  return admitted;
}

/** Removes the record of a file that was refused because this instance was not admitted. */
async function forgetRefusal(source: PostgresSource): Promise<void> {
  const refusal = await findRefusal(nodeDisk, source);
  if (refusal?.code === 'instance-not-admitted') {
    await clearRefusal(nodeDisk, source, refusal.segment);
  }
}

/** Gives a copied state directory an identity of its own, so that the two instances differ. */
async function instanceOf(source: PostgresSource): Promise<string> {
  try {
    const known = await readIdentity(nodeDisk, source);
    if (known !== undefined) return known;
  } catch (error) {
    if (!(error instanceof WalqError && error.code === 'source-identity-mismatch')) throw error;
  }
  return renewIdentity(nodeDisk, source);
}

function assertSameSystem(
  { options }: Call<AdoptOptions>,
  { name }: PostgresSource,
  ofArchive: string | undefined,
  here: string,
): void {
  if (options.systemIdentifier === here) return;
  throw new WalqError('source-identity-mismatch', {
    message: `the archive of '${name}' belongs to system ${ofArchive ?? 'unknown'}, but this cluster is ${here}`,
    hint: `Give this cluster a source name of its own. Only after pg_upgrade: walq adopt ${name} --system-identifier ${here}.`,
  });
}

const nobodyThere = ({ name }: PostgresSource, { url }: ArchiveStore): WalqError =>
  new WalqError('object-missing', {
    message: `the archive ${url} has no source '${name}' yet`,
    hint: 'Start archiving: the first instance needs no admission.',
  });
