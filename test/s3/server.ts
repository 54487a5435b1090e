/** The server of a test file, and one bucket in it. */
import { NoSuchKey, S3 } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { S3_ACCESS_KEY, S3_SECRET_KEY, startS3, type RunningS3 } from '@walq/test-support';
import { archiveSettings, type ArchiveSettings, type S3Settings } from '@walq/wal-core/internal';

export class S3Site {
  readonly server: RunningS3;
  /** A client of the test's own. */
  readonly client: S3;
  readonly bucket = `bucket-${randomUUID().slice(0, 8)}`;

  constructor(server: RunningS3) {
    this.server = server;
    this.client = clientOf(server.endpoint);
  }

  /** An archive's URL below which nothing is yet. */
  freshUrl(): string {
    return `s3://${this.bucket}/${randomUUID()}`;
  }

  /** Environment of a command for the PostgreSQL source `main` with an archive here. */
  postgresEnv(archiveUrl: string, dataDirectory: string, staging: string): Record<string, string> {
    return {
      WALQ_ARCHIVE__URL: archiveUrl,
      WALQ_ARCHIVE__S3__ENDPOINT: this.server.endpoint,
      WALQ_ARCHIVE__S3__STAGING: staging,
      WALQ_SOURCES__MAIN__TYPE: 'postgres',
      WALQ_SOURCES__MAIN__PATH: dataDirectory,
      WALQ_METRICS__LISTEN: 'off',
    };
  }

  /** Names of what is in the bucket below an archive's URL, and how long it is. */
  async objects(url: string): Promise<ReadonlyMap<string, number>> {
    const prefix = url.replace(`s3://${this.bucket}/`, '');
    const found = new Map<string, number>();
    for (let after: string | undefined, more = true; more;) {
      const page = await this.client.listObjectsV2({
        Bucket: this.bucket,
        Prefix: `${prefix}/`,
        ContinuationToken: after,
      });
      for (const { Key: key = '', Size: bytes = 0 } of page.Contents ?? []) {
        found.set(key.slice(prefix.length + 1), bytes);
      }
      after = page.NextContinuationToken;
      more = page.IsTruncated === true;
    }
    return found;
  }

  async content(url: string, name: string): Promise<Buffer> {
    const prefix = url.replace(`s3://${this.bucket}/`, '');
    const { Body: body } = await this.client.getObject({
      Bucket: this.bucket,
      Key: `${prefix}/${name}`,
    });
    return Buffer.from((await body?.transformToByteArray()) ?? []);
  }

  /** Contents of any object, undefined where there is none. */
  async textAt(bucket: string, key: string): Promise<string | undefined> {
    try {
      const { Body: body } = await this.client.getObject({ Bucket: bucket, Key: key });
      return await body?.transformToString();
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }

  /** Keeps an object for a day, as Object Lock does. */
  async lock(bucket: string, key: string): Promise<void> {
    const until = new Date(Date.now() + 24 * 60 * 60 * 1000);
    await this.client.putObjectRetention({
      Bucket: bucket,
      Key: key,
      Retention: { Mode: 'GOVERNANCE', RetainUntilDate: until },
    });
  }

  async hold(bucket: string, key: string, status: 'ON' | 'OFF'): Promise<void> {
    await this.client.putObjectLegalHold({
      Bucket: bucket,
      Key: key,
      LegalHold: { Status: status },
    });
  }

  /** As nobody should: what a store, or somebody else, does to an object. */
  async replace(url: string, name: string, content: Buffer): Promise<void> {
    const prefix = url.replace(`s3://${this.bucket}/`, '');
    const key = `${prefix}/${name}`;
    await this.client.putObject({ Bucket: this.bucket, Key: key, Body: content });
  }

  async close(): Promise<void> {
    this.client.destroy();
    await this.server.stop();
  }
}

/** For `beforeAll`; `close()` it in `afterAll`. Lets this process and its children in. */
export async function startSite(): Promise<S3Site> {
  const server = await startS3();
  Object.assign(process.env, server.credentials);
  const site = new S3Site(server);
  await site.client.createBucket({ Bucket: site.bucket });
  return site;
}

export const settingsFor = (
  endpoint: string,
  stagingDirectory: string,
  changes: Partial<Omit<S3Settings, 'stagingDirectory'>> = {},
): ArchiveSettings => archiveSettings({ s3: { endpoint, stagingDirectory, ...changes } });

function clientOf(endpoint: string): S3 {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  return new S3({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    credentials: { accessKeyId: S3_ACCESS_KEY, secretAccessKey: S3_SECRET_KEY },
  });
}
