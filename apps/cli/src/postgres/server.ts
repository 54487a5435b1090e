/**
 * A connection to the server of a source, over its own local socket: for `walq check` and `walq status`, which
 * ask it questions. Everything else goes without.
 */
import { isMissing, reasonOf, WalqError } from '@walq/wal-core/internal';
import type { Client, QueryResultRow } from 'pg';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { PostgresSource } from './postgres-source.ts';

export interface Server {
  /** The one row of a query. */
  row<Row extends QueryResultRow>(sql: string): Promise<Row>;
}

const CONNECT_MS_MAX = 2_000;
const QUERY_MS_MAX = 10_000;

/** Rejects with `server-unreachable` when it does not run or does not let this user in. */
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
  const place = await placeOf(sealedRule.dataDirectory, name);
  const client = new pg.Client({
    ...place,
    user: process.env['PGUSER'] ?? usualUser(name),
    database: process.env['PGDATABASE'] ?? 'postgres',
    application_name: 'walq',
    connectionTimeoutMillis: CONNECT_MS_MAX,
    query_timeout: QUERY_MS_MAX,
  });
  // A server that goes away meanwhile is told by the query that it fails.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (cause) {
    throw unreachable(name, `${place.host}:${place.port} says: ${reasonOf(cause)}`, cause);
  }
}

async function row<Row extends QueryResultRow>(client: Client, sql: string): Promise<Row> {
  const [first] = (await client.query<Row>(sql)).rows;
  if (first === undefined) throw new Error(`no row: ${sql}`);
  return first;
}

/** `postmaster.pid` says in its 4th line the port, in its 5th the socket's directory, in its 6th an address. */
async function placeOf(dataDirectory: string, name: string) {
  const path = join(dataDirectory, 'postmaster.pid');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const why = isMissing(cause) ? `${path} is not there: it does not run` : reasonOf(cause);
    throw unreachable(name, why, cause);
  });
  const [, , , port = '', socket = '', address = ''] = text.split('\n');
  return { host: socket.trim() || address.trim() || 'localhost', port: Number(port) };
}

/** Whom the server knows under the usual peer authentication. */
function usualUser(name: string): string {
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
    message: `unable to ask the server of source '${name}': ${why}`,
    cause,
  });
