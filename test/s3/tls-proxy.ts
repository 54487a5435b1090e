/** A way to a server by TLS, with a certificate that openssl makes for this machine. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { createServer, type Server } from 'node:tls';
import { promisify } from 'node:util';
import { temporaryDirectory } from '@walq/test-support';
import { onTestFinished } from 'vitest';

const run = promisify(execFile);

export interface Certificate {
  readonly certificatePath: string;
  readonly keyPath: string;
}

/** Its own authority. */
export async function newCertificate(hosts = 'DNS:localhost,IP:127.0.0.1'): Promise<Certificate> {
  const directory = await temporaryDirectory('certificate');
  const [certificatePath, keyPath] = [directory.at('certificate.pem'), directory.at('key.pem')];
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
  const names = ['-subj', '/CN=walq test', '-addext', `subjectAltName=${hosts}`];
  const files = ['-keyout', keyPath, '-out', certificatePath];
  await run('openssl', ['req', '-x509', '-days', '2', ...newKey, ...names, ...files]);
  return { certificatePath, keyPath };
}

/** Takes TLS and passes on what is in it; gives its URL. Ends with the test. */
export async function startTlsProxy(
  targetPort: number,
  { certificatePath, keyPath }: Certificate,
): Promise<string> {
  const sockets = new Set<Socket>();
  const key = await readFile(keyPath);
  const server = createServer({ key, cert: await readFile(certificatePath) }, (socket) => {
    const onward = connect(targetPort, '127.0.0.1');
    for (const one of [socket, onward]) sockets.add(one);
    // Either side may hang up at any moment.
    pipeline(socket, onward, socket).catch(() => undefined);
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => end(server, sockets));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens at no port');
  return `https://localhost:${address.port}`;
}

async function end(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, 'close');
}
