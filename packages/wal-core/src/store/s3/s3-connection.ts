/** The way to the server: the library, loaded at the first call, and a deadline around each. */
import type { S3 } from '@aws-sdk/client-s3';
import { WalqError } from '../../base/failure/walq-error.ts';
import { s3Failure } from './failures.ts';
import type { S3Deadlines, S3Settings } from './settings.ts';

interface CallOptions {
  /** Completes "unable to …". */
  readonly what: string;
  /** How much it moves, as far as that is known. */
  readonly bytes?: number;
}

export interface OpenCall {
  readonly s3: S3;
  readonly deadline: Deadline;
  /** To be given to every request. */
  readonly abortSignal: AbortSignal;
}

/** Of what is asked again at once when the server says that it is busy, or cuts the connection. */
const ATTEMPTS_MAX = 3;

export class S3Connection {
  readonly #settings: S3Settings;
  #opening: Promise<S3> | undefined;

  constructor(settings: S3Settings) {
    this.#settings = settings;
  }

  /** Rejects with a `WalqError` once the deadline has passed, whatever the work is about then. */
  async call<T>(
    { what, bytes = 0 }: CallOptions,
    work: (call: OpenCall) => Promise<T>,
  ): Promise<T> {
    // On a busy machine the library takes a while to load: that is not the server's time.
    const s3 = await this.#open();
    const deadline = new Deadline(this.#settings.deadlines, bytes);
    try {
      return await deadline.within(work({ s3, deadline, abortSignal: deadline.signal }));
    } catch (error) {
      throw s3Failure(what, error);
    } finally {
      deadline.end();
    }
  }

  /** Ends what is kept open between calls; another call opens it again. */
  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    (await opening)?.destroy();
  }

  #open(): Promise<S3> {
    this.#opening ??= this.#load().catch((error: unknown) => {
      this.#opening = undefined;
      throw s3Failure('load what speaks to S3', error);
    });
    return this.#opening;
  }

  async #load(): Promise<S3> {
    // It would tell every user on standard error that Node 22 is wanted some day.
    process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
    const [sdk, http, https] = await Promise.all([
      import('@aws-sdk/client-s3'),
      import('node:http'),
      import('node:https'),
    ]);
    const { endpoint, certificateAuthority: ca, deadlines } = this.#settings;
    // Agents of our own: for large requests the library would make others, without the authorities.
    const agents = {
      httpAgent: new http.Agent({ keepAlive: true }),
      httpsAgent: new https.Agent({ keepAlive: true, ...(ca !== undefined && { ca }) }),
    };
    return new sdk.S3({
      ...(endpoint !== undefined && { endpoint }),
      ...regionOf(this.#settings),
      forcePathStyle: (this.#settings.addressing ?? addressingOf(endpoint)) === 'path',
      maxAttempts: ATTEMPTS_MAX,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      expectContinueHeader: false,
      requestHandler: {
        connectionTimeout: deadlines.connectMs,
        // It would warn of too few sockets, of which there is no limit, by a timer that outlives what was given up.
        socketAcquisitionWarningTimeout: 1,
        ...agents,
      },
      logger: silentLogger,
    });
  }
}

const ownEndpoint = (): string | undefined =>
  process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];

const addressingOf = (endpoint: string | undefined): string =>
  (endpoint ?? ownEndpoint()) === undefined ? 'virtual-host' : 'path';

/** A server of one's own seldom has regions, but the library wants one to sign with. */
function regionOf({ region, endpoint }: S3Settings): { region?: string } {
  if (region !== undefined) return { region };
  const said = process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'];
  if (said !== undefined) return { region: said };
  return (endpoint ?? ownEndpoint()) === undefined ? {} : { region: 'us-east-1' };
}

const silent = (): void => {};
/** What goes wrong is said once, by the failure; the library's own lines would go to standard error. */
const silentLogger = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };

/** Ends one call to a server that does not answer, or does not go on. */
/** A call that is slower than this on the whole is given up. */
const BYTES_PER_SECOND_MIN = 64 * 1024;

const millisecondsFor = (bytes: number): number => (bytes / BYTES_PER_SECOND_MIN) * 1000;

export class Deadline {
  readonly #controller = new AbortController();
  readonly #idleMs: number;
  #idle: NodeJS.Timeout | undefined;
  #whole: NodeJS.Timeout | undefined;
  /** What was left for the whole call when its timer began. */
  #leftMs: number;
  #sinceMs = 0;
  #failure: Error | undefined;
  #isOver = false;

  /** `bytes`: how much the call moves, as far as that is known. */
  constructor({ idleMs, callMs }: S3Deadlines, bytes: number) {
    this.#idleMs = idleMs;
    this.#leftMs = callMs + millisecondsFor(bytes);
    this.#start();
  }

  /** Aborts the call when it is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The work's own result, or the deadline's failure: whatever the work does then is nobody's any more. */
  async within<T>(work: Promise<T>): Promise<T> {
    const passed = new Promise<never>((_resolve, reject) => {
      const giveUp = () => reject(this.#failure ?? new Error('given up'));
      this.signal.addEventListener('abort', giveUp, { once: true });
    });
    try {
      return await Promise.race([work, passed]);
    } catch (error) {
      if (this.#failure !== undefined) throw this.#failure;
      throw error;
    }
  }

  /** Some bytes went their way. */
  progress(): void {
    this.#idle?.refresh();
  }

  /** So many bytes more than was known. */
  extend(bytes: number): void {
    this.#stop();
    this.#leftMs += millisecondsFor(bytes);
    this.#start();
  }

  /** What this process waits for by itself is not the server's time. */
  async outside<T>(work: () => Promise<T>): Promise<T> {
    this.#stop();
    try {
      return await work();
    } finally {
      this.#start();
    }
  }

  /** Ends the call with this. */
  fail(failure: Error): void {
    this.end();
    this.#failure ??= failure;
    this.#controller.abort(failure);
  }

  /** The call is over; nothing is timed any more, whatever of it is still about. */
  end(): void {
    this.#isOver = true;
    this.#stop();
  }

  #start(): void {
    if (this.#isOver) return;
    this.#sinceMs = performance.now();
    this.#idle = setTimeout(() => this.fail(noAnswer(this.#idleMs)), this.#idleMs);
    this.#whole = setTimeout(() => this.fail(tooSlow()), this.#leftMs);
  }

  #stop(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#whole);
    this.#leftMs = Math.max(0, this.#leftMs - (performance.now() - this.#sinceMs));
    this.#sinceMs = performance.now();
  }
}

const noAnswer = (ms: number): WalqError =>
  new WalqError('store-unavailable', { message: `no answer for ${ms / 1000} s` });

const tooSlow = (): WalqError =>
  new WalqError('store-unavailable', { message: 'it took too long as a whole' });
