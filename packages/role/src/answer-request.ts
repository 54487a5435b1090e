/** Answers `/metrics`, `/healthz` and `/readyz` of one role. */
import { printableJson } from '@walq/wal-core/printable';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isOwnHost, type OwnHosts } from './own-host.ts';

/** The health of a role. Both functions are called for each request and must return immediately. */
export interface Health {
  /** The reasons why this role cannot work now, a short text each; empty if it is ready. */
  notReady(): readonly string[];
  /** Why the process should be restarted; undefined if it should not. An unavailable Redis is not a reason. */
  unsound?(): string | undefined;
}

interface Metrics {
  readonly contentType: string;
  /** In the Prometheus text format. */
  metrics(): Promise<string>;
}

export interface Answers {
  readonly role: string;
  readonly health: Health;
  readonly metrics: Metrics;
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
  if (method !== 'GET' && method !== 'HEAD')
    return json(405, { why: 'only GET and HEAD are allowed' });
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
  return json(404, { why: 'the paths are /metrics, /healthz and /readyz' });
}

const FOREIGN_HOST =
  'unknown host name: use the IP address, or add the name to metrics.allowed_hosts';

const json = (status: number, body: object): Answer => ({
  status,
  type: 'application/json; charset=utf-8',
  body: `${printableJson(JSON.stringify(body))}\n`,
});

/** Rendering takes some milliseconds of the main thread, so the text is reused for this long. */
const FRESH_MS = 1_000;

/** The metrics as text, rendered at most once per second, however many clients request them. */
export class MetricsText implements Metrics {
  readonly #of: Metrics;
  #latest: Promise<string> | undefined;
  #freshUntilMs = 0;

  constructor(of: Metrics) {
    this.#of = of;
  }

  get contentType(): string {
    return this.#of.contentType;
  }

  metrics(): Promise<string> {
    if (this.#latest !== undefined && performance.now() < this.#freshUntilMs) return this.#latest;
    const rendering = this.#of.metrics();
    this.#latest = rendering;
    this.#freshUntilMs = Infinity;
    const age = (): void => {
      this.#freshUntilMs = performance.now() + FRESH_MS;
    };
    // The callers handle a failure; here only the cached text is dropped.
    rendering.then(age, () => {
      this.#latest = undefined;
    });
    return rendering;
  }
}
