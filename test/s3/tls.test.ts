import { afterAll, beforeAll, expect, test } from 'vitest';
import { newS3Scene, type S3Scene } from './s3-scene.ts';
import { startSite, type S3Site } from './server.ts';
import { newCertificate, startTlsProxy, type Certificate } from './tls-proxy.ts';

let site: S3Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site.close());

const sceneAt = (endpoint: string, { certificatePath }: Certificate): Promise<S3Scene> =>
  newS3Scene({ site, endpoint, lines: [`ca_file = "${certificatePath}"`] });

test('segments go to S3 by TLS, to a server whose authority ca_file names', async () => {
  const certificate = await newCertificate();
  const endpoint = await startTlsProxy(site.server.port, certificate);
  const { scene, url, mirror, archived } = await sceneAt(endpoint, certificate);
  await scene.writeSegments(1, 3, 300_000);
  const args = ['archive', scene.source, '--to', url, '--source', 'orders', '--json'];
  expect((await scene.walq(...args)).json()).toMatchObject({ successCount: 2, filesCount: 2 });
  await mirror();
  expect(await scene.faultsAtAnyTime()).toEqual([]);
  expect(await archived()).toHaveLength(2);
  expect(await scene.walq('verify', '--deep')).toMatchObject({ code: 0, stderr: '' });
});

test.each([
  ['from another authority', 'DNS:localhost', newCertificate, 'archive.s3.ca_file'],
  ['of another host', 'DNS:elsewhere.example', undefined, 'Set archive.s3.endpoint to a name'],
])('a certificate %s is refused, and the hint says what to do', async (_, hosts, other, hint) => {
  const certificate = await newCertificate(hosts);
  const endpoint = await startTlsProxy(site.server.port, certificate);
  const { scene, archived } = await sceneAt(endpoint, (await other?.()) ?? certificate);
  const checked = await scene.walq('check');
  expect(checked.code).toBe(1);
  expect(checked.stdout).toContain(hint);
  expect(await archived()).toEqual([]);
});
