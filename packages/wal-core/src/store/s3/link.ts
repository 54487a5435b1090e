/** The way to the server: the library, loaded at the first call, and a deadline around each. */
import type { S3 } from '@aws-sdk/client-s3';
import { Deadline } from './deadline.ts';
import { s3Failure } from './failures.ts';
import type { S3Settings } from './settings.ts';

export interface CallOptions {
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

export class S3Link {
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
