/** `/metrics`, `/healthz` and `/readyz` of one role, and nothing else. */
import { printableJson } from '@walq/wal-core/printable';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isOwnHost, type OwnHosts } from '../http/index.ts';
import type { Health } from './health.ts';

export interface Answers {
  readonly role: string;
  readonly health: Health;
  readonly metrics: {
    readonly contentType: string;
    /** In the Prometheus text format. */
    metrics(): Promise<string>;
  };
  readonly hosts: OwnHosts;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export async function answerRequest(
  answers: Answers,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, type, body } = await answerTo(answers, request);
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(request.method === 'HEAD' ? '' : body);
}

async function answerTo(answers: Answers, request: IncomingMessage): Promise<Answer> {
  const { role, health, metrics, hosts } = answers;
  const { method, url, headers } = request;
  if (!isOwnHost(headers.host, hosts)) return json(421, { why: FOREIGN_HOST });
  if (method !== 'GET' && method !== 'HEAD') return json(405, { why: 'only GET' });
  const [path] = (url ?? '').split('?');
  if (path === '/metrics') {
    return { status: 200, type: metrics.contentType, body: await metrics.metrics() };
  }
  if (path === '/healthz') {
    const why = health.unsound?.();
    return json(why === undefined ? 200 : 503, { role, ok: why === undefined, why });
  }
  if (path === '/readyz') {
    const why = health.notReady();
    return json(why.length === 0 ? 200 : 503, { role, ready: why.length === 0, why });
  }
  return json(404, { why: 'there are /metrics, /healthz and /readyz' });
}

const FOREIGN_HOST =
  'this host name is not known here: ask by address, or name it in metrics.allowed_hosts';

const json = (status: number, body: object): Answer => ({
  status,
  type: 'application/json; charset=utf-8',
  body: `${printableJson(JSON.stringify(body))}\n`,
});
