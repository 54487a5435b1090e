import { runDashboard } from '@walq/dashboard';
import { freePort, temporaryDirectory } from '@walq/test-support';
import { advanceWatermark, nodeDisk, openSource, openStore } from '@walq/wal-core/internal';
import { loadConfig, type ConfiguredSource } from '@walq/config';
import { mkdir, writeFile } from 'node:fs/promises';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';

export const TOKEN = 'a-token-for-the-tests';
/** Configuration of a dashboard that allows actions with the token. */
export const ACTING = `read_only = false\ntoken_file = "token"`;
/** Configuration of a dashboard that allows actions with the token or the password. */
export const WITH_LOGIN = `${ACTING}\nusername = "ops"\npassword_file = "password"`;
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
export const PASSWORD = 'a-password-for-the-tests';

export interface Served {
  readonly url: string;
  readonly source: ConfiguredSource;
  readonly archive: string;
  /** Log lines, parsed. */
  readonly lines: Record<string, unknown>[];
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, body?: object, headers?: Record<string, string>): Promise<Response>;
}

interface ServeOptions {
  readonly redisUrl: string;
  /** Lines of the table `[dashboard]`. */
  readonly own?: string;
  readonly host?: string;
}

export async function configured({ redisUrl, own = '', host = '127.0.0.1' }: ServeOptions) {
  const directory = await temporaryDirectory('dashboard');
  for (const folder of ['wal', 'archive']) await mkdir(directory.at(folder));
  await writeFile(directory.at('token'), `${TOKEN}\n`);
  await writeFile(directory.at('password'), `${PASSWORD}\n`);
  const toml = `[redis]\nurl = "${redisUrl}"\n[archive]\nurl = "archive"
    [dashboard]\nlisten = "${host}:${await freePort()}"\n${own}
    [sources.ledger]\ntype = "directory"\npath = "wal"
    pattern = '^wal-(?<number>\\d+)$'\nafter_archive = "delete"\n`;
  await writeFile(directory.at('walq.toml'), toml);
  const env = { WALQ_METRICS__LISTEN: 'off' };
  const config = await loadConfig({ disk: nodeDisk, cwd: directory.path, env });
  const { redis } = config;
  if (redis === undefined) throw new Error('the configuration names a Redis');
  return { directory, config: { ...config, redis } };
}

/** A dashboard for a source with segments 1 to 5, flushed up to 4, none of them archived. */
export async function serve(options: ServeOptions): Promise<Served> {
  const { directory, config } = await configured(options);
  const [source] = config.sources;
  if (source === undefined) throw new Error('no source');
  for (const n of [1, 2, 3, 4, 5])
    await writeFile(directory.at('wal', `wal-${n}`), 'x'.repeat(100));
  await register(source);
  const lines: Record<string, unknown>[] = [];
  const logger = pino(
    {},
    { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const end = new AbortController();
  const url = await new Promise<string>((resolve, reject) => {
    const role = { config, logger, version: '1.2.3', signal: end.signal };
    const running = runDashboard({ ...role, onListening: resolve });
    running.catch(reject);
    onTestFinished(async () => {
      end.abort();
      await running;
    });
  });
  const at = (path: string): URL => new URL(path, url);
  return {
    url,
    source,
    lines,
    archive: directory.at('archive'),
    get: (path, headers = {}) => fetch(at(path), { headers, redirect: 'manual' }),
    post: (path, body = {}, headers = {}) =>
      fetch(at(path), {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
  };
}

async function register(source: ConfiguredSource): Promise<void> {
  const store = openStore(source.archiveUrl, { disk: nodeDisk });
  const { sourceId } = await openSource({ disk: nodeDisk, source, store, registerIfNew: true });
  const segment = source.naming.parse('wal-4');
  if (segment !== undefined) await advanceWatermark(nodeDisk, source, sourceId, segment);
}

export async function logIn({ url }: Served, form: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams(form);
  return fetch(new URL('/login', url), { method: 'POST', body, redirect: 'manual' });
}
