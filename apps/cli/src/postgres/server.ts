/** Connects to the PostgreSQL server of a source through its local socket. Only `walq check` and `walq status` do. */
import { isMissing, reasonOf, WalqError } from '@walq/wal-core/internal';
import type { Client, QueryResultRow } from 'pg';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { PostgresSource } from './postgres-source.ts';

export interface Server {
  /** The only row of a query. */
  row<Row extends QueryResultRow>(sql: string): Promise<Row>;
}

const CONNECT_MS_MAX = 2_000;
const QUERY_MS_MAX = 10_000;

/** Rejects with `server-unreachable` if the server is not running or refuses this user. */
export async function withServer<T>(
  source: PostgresSource,
  work: (server: Server) => Promise<T>,
): Promise<T> {
  const client = await connect(source);
  try {
    return await work({ row: (sql) => row(client, sql) });
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function connect({ sealedRule, name }: PostgresSource): Promise<Client> {
  const { default: pg } = await import('pg');
  const address = await addressOf(sealedRule.dataDirectory, name);
  const client = new pg.Client({
    ...address,
    user: process.env['PGUSER'] ?? peerUser(name),
    database: process.env['PGDATABASE'] ?? 'postgres',
    application_name: 'walq',
    connectionTimeoutMillis: CONNECT_MS_MAX,
    query_timeout: QUERY_MS_MAX,
  });
  // If the connection is lost, the running query fails; the event needs no handling.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (cause) {
    throw unreachable(name, `${address.host}:${address.port}: ${reasonOf(cause)}`, cause);
  }
}

async function row<Row extends QueryResultRow>(client: Client, sql: string): Promise<Row> {
  const [first] = (await client.query<Row>(sql)).rows;
  if (first === undefined) throw new Error(`the query returned no row: ${sql}`);
  return first;
}

/** Line 4 of `postmaster.pid` is the port, line 5 the directory of the socket, line 6 an address. */
async function addressOf(dataDirectory: string, name: string) {
  const path = join(dataDirectory, 'postmaster.pid');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const why = isMissing(cause) ? `it is not running (${path} does not exist)` : reasonOf(cause);
    throw unreachable(name, why, cause);
  });
  const [, , , port = '', socket = '', address = ''] = text.split('\n');
  return { host: socket.trim() || address.trim() || 'localhost', port: Number(port) };
}

/** The user that PostgreSQL's default peer authentication accepts. */
function peerUser(name: string): string {
  if (process.getuid?.() === 0) return 'postgres';
  try {
    return userInfo().username;
  } catch (cause) {
    const why = `user ${process.getuid?.() ?? 'unknown'} has no name; set PGUSER`;
    throw unreachable(name, why, cause);
  }
}

const unreachable = (name: string, why: string, cause: unknown): WalqError =>
  new WalqError('server-unreachable', {
    message: `cannot connect to the PostgreSQL server of source '${name}': ${why}`,
    cause,
  });
