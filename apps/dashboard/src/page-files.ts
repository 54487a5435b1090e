/** The archive page itself: files that the build has made, the same for everyone. */
import files from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('page', import.meta.url));

export async function addPage(server: FastifyInstance): Promise<void> {
  await server.register(files, {
    root,
    // Names of assets change with their contents; the page that names them does not.
    setHeaders: (reply, path) => {
      const isAsset = path.includes('/assets/');
      const lasting = 'public, max-age=31536000, immutable';
      reply.header('cache-control', isAsset ? lasting : 'no-cache');
    },
  });
}
