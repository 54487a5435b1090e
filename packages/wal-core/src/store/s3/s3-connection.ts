/** The connection to the server: the library, loaded at the first call, and a deadline for each call. */
import type { S3 } from '@aws-sdk/client-s3';
import { WalqError } from '../../base/failure/walq-error.ts';
import { s3Failure } from './failures.ts';
import type { S3Deadlines, S3Settings } from './settings.ts';

interface CallOptions {
  /** Completes "unable to …". */
  readonly what: string;
  /** How many bytes it transfers, as far as known. */
  readonly bytes?: number;
}

export interface OpenCall {
  readonly s3: S3;
  readonly deadline: Deadline;
  /** Must be passed to every request. */
  readonly abortSignal: AbortSignal;
}

/** Attempts of a request that the server rejects as busy, or whose connection is cut. */
const ATTEMPTS_MAX = 3;

export class S3Connection {
  readonly #settings: S3Settings;
  #opening: Promise<S3> | undefined;

  constructor(settings: S3Settings) {
    this.#settings = settings;
  }

  /** Rejects with a `WalqError` once the deadline has passed, even if the work has not ended. */
  async call<T>(
    { what, bytes = 0 }: CallOptions,
    work: (call: OpenCall) => Promise<T>,
  ): Promise<T> {
    // Load the library before the deadline starts: that can take long on a busy machine.
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

  /** Closes open connections; a later call opens new ones. */
  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    (await opening)?.destroy();
  }

  #open(): Promise<S3> {
    this.#opening ??= this.#load().catch((error: unknown) => {
      this.#opening = undefined;
      throw s3Failure('load the S3 library', error);
    });
    return this.#opening;
  }

  async #load(): Promise<S3> {
    // It would print a warning about future Node versions to standard error.
    process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
    const [sdk, http, https] = await Promise.all([
      import('@aws-sdk/client-s3'),
      import('node:http'),
      import('node:https'),
    ]);
    const { endpoint, certificateAuthority: ca, deadlines } = this.#settings;
    // Our own agents: for large requests the library would create others, without the certificate authorities.
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
        // Disables a warning about too few sockets: there is no limit, and its timer outlives an aborted call.
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

/** A self-hosted server seldom has regions, but the library needs one to sign requests. */
function regionOf({ region, endpoint }: S3Settings): { region?: string } {
  if (region !== undefined) return { region };
  const fromEnvironment = process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'];
  if (fromEnvironment !== undefined) return { region: fromEnvironment };
  return (endpoint ?? ownEndpoint()) === undefined ? {} : { region: 'us-east-1' };
}

const silent = (): void => {};
/** Errors are reported once, by the failure; the library would log them to standard error as well. */
const silentLogger = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };

/** A call whose average rate is lower than this is aborted. */
const BYTES_PER_SECOND_MIN = 64 * 1024;

const millisecondsFor = (bytes: number): number => (bytes / BYTES_PER_SECOND_MIN) * 1000;

/** Aborts a call to a server that does not answer, or makes no progress. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #idleMs: number;
  #idle: NodeJS.Timeout | undefined;
  #whole: NodeJS.Timeout | undefined;
  /** Time left for the whole call when its timer started. */
  #leftMs: number;
  #sinceMs = 0;
  #failure: Error | undefined;
  #isOver = false;

  /** `bytes`: how much the call transfers, as far as known. */
  constructor({ idleMs, callMs }: S3Deadlines, bytes: number) {
    this.#idleMs = idleMs;
    this.#leftMs = callMs + millisecondsFor(bytes);
    this.#start();
  }

  /** Aborted when the deadline has passed. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The result of the work, or the failure of the deadline; then the result of the work is ignored. */
  async within<T>(work: Promise<T>): Promise<T> {
    const passed = new Promise<never>((_resolve, reject) => {
      const abort = () => reject(this.#failure ?? new Error('aborted'));
      this.signal.addEventListener('abort', abort, { once: true });
    });
    try {
      return await Promise.race([work, passed]);
    } catch (error) {
      if (this.#failure !== undefined) throw this.#failure;
      throw error;
    }
  }

  /** Restarts the idle time: bytes were transferred. */
  progress(): void {
    this.#idle?.refresh();
  }

  /** Extends the deadline by the time for these bytes. */
  extend(bytes: number): void {
    this.#stop();
    this.#leftMs += millisecondsFor(bytes);
    this.#start();
  }

  /** Stops the deadline while this process waits for something other than the server. */
  async outside<T>(work: () => Promise<T>): Promise<T> {
    this.#stop();
    try {
      return await work();
    } finally {
      this.#start();
    }
  }

  /** Aborts the call with this failure. */
  fail(failure: Error): void {
    this.end();
    this.#failure ??= failure;
    this.#controller.abort(failure);
  }

  /** Ends the deadline: the call is over. */
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
  new WalqError('store-unavailable', { message: 'the call took too long' });
