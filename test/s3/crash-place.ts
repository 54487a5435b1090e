/** Segments to archive to S3, and moments to kill the process that does so: at the disk, and at the server. */
import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeDisk, openS3Store } from '@walq/wal-core/internal';
import {
  startFaultProxy,
  type Fault,
  type FaultProxy,
  type RunningProcess,
} from '@walq/test-support';
import { crashPointsOf, crashRun, startCrashRun, type CrashRun } from '../crash/crash-run.ts';
import { newS3Scene, type S3Scene } from './s3-scene.ts';
import { settingsFor, type S3Site } from './server.ts';

const TWO_DAYS_S = 2 * 24 * 60 * 60;
/** Sent to the server by the process that is to die, so that the proxy distinguishes it from its twin. */
const TO_KILL = 'to-kill';

/** When a process is killed. */
export interface Moment {
  readonly what: string;
  /**
   * Before its call to the disk of this number; before the server hears of its request of this number; when
   * the server has the beginning of what that brings; or when it has done what it says, and before the
   * process hears of that.
   */
  readonly at: 'disk' | 'request' | 'upload' | 'answer';
  readonly number: number;
}

export class CrashPlace {
  readonly it: S3Scene;
  readonly run: CrashRun;
  readonly #site: S3Site;
  readonly #proxy: FaultProxy;

  constructor(site: S3Site, proxy: FaultProxy, it: S3Scene) {
    this.#site = site;
    this.#proxy = proxy;
    this.it = it;
    const s3 = { url: it.url, endpoint: proxy.endpoint };
    this.run = { part: 'archive', root: it.scene.root, s3 };
  }

  /** Archives undisturbed, and gives the moments in which that could have ended. */
  async moments(): Promise<Moment[]> {
    const requests: string[] = [];
    this.#proxy.faultOf = ({ method, path }) => void requests.push(`${method} ${path}`);
    const calls = await crashPointsOf(this.run);
    return [
      ...calls.map(({ killAt: number, before: what }): Moment => ({ what, at: 'disk', number })),
      ...requests.flatMap((what, index) => momentsOf(what, index + 1)),
    ];
  }

  /** Archives in a process that is killed at this moment, if it comes to it. */
  async archiveUntil({ at, number }: Moment): Promise<RunningProcess> {
    if (at === 'disk') return crashRun({ ...this.run, killAt: number });
    const killed = startCrashRun(this.run, { AWS_SDK_UA_APP_ID: TO_KILL });
    const kill = async (): Promise<void> => void (await (await killed).kill());
    const faults = {
      request: { kind: 'instead', does: kill },
      upload: { kind: 'cut', afterBytes: 0, does: kill },
      answer: { kind: 'after', does: kill },
    } as const satisfies Record<string, Fault>;
    let begun = 0;
    this.#proxy.faultOf = ({ headers }) => {
      if (headers['user-agent']?.includes(TO_KILL) === true) begun += 1;
      return begun === number ? faults[at] : undefined;
    };
    await (
      await killed
    ).exit;
    this.#proxy.faultOf = () => undefined;
    return killed;
  }

  /** What is staged still when all that is old was swept, by the walq of two days later. */
  async stagedAfterSweep(): Promise<string[]> {
    const then = Date.now() / 1_000 - TWO_DAYS_S;
    for (const path of await this.#staged()) await utimes(path, then, then);
    const { s3: settings } = settingsFor(this.#proxy.endpoint, this.#staging);
    const store = openS3Store(this.it.url, { disk: nodeDisk, settings });
    await store.sweep(this.it.scene.options.source);
    await store.close();
    return this.#staged();
  }

  /** Uploads that were begun on the server and never ended. */
  async unfinishedUploads(): Promise<string[]> {
    const { client, bucket } = this.#site;
    const { Uploads: uploads = [] } = await client.listMultipartUploads({ Bucket: bucket });
    return uploads.map(({ Key: key = '' }) => key);
  }

  async close(): Promise<void> {
    await this.#proxy.down();
  }

  get #staging(): string {
    return join(this.it.scene.root, 'staging');
  }

  async #staged(): Promise<string[]> {
    const entries = await readdir(this.#staging, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map(({ parentPath, name }) => join(parentPath, name));
  }
}

/** Two segments to archive, and the newest, which is never archived. */
export async function newCrashPlace(site: S3Site): Promise<CrashPlace> {
  const proxy = await startFaultProxy(site.server.port);
  const it = await newS3Scene({ site, endpoint: proxy.endpoint });
  await it.scene.writeSegments(2, 4, 3_000);
  return new CrashPlace(site, proxy, it);
}

/** Around a request that only reads, the server and the disk are the same before and after. */
function momentsOf(what: string, number: number): Moment[] {
  const ats = isReading(what) ? (['request'] as const) : (['request', 'upload', 'answer'] as const);
  return ats.map((at) => ({ what, at, number }));
}

export const isReading = (request: string): boolean => /^(GET|HEAD) /.test(request);
