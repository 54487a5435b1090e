/** The login page: a form that works without JavaScript. */
import formbody from '@fastify/formbody';
import type { DashboardConfig } from '@walq/config';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { identify, requiresLogin } from './credentials.ts';
import type { Guard } from './guard.ts';
import { beginSession, SESSION_COOKIE } from './sessions.ts';

const form = z.object({ username: z.string().max(256).optional(), secret: z.string().max(4_096) });

const FORM_BYTES_MAX = 16_384;

export async function addLogin(server: FastifyInstance, guard: Guard): Promise<void> {
  const { dashboard, limit, logger } = guard;
  await server.register(formbody, { bodyLimit: FORM_BYTES_MAX });
  server.get('/login.css', async (_request, reply) => reply.type('text/css').send(css));
  server.get('/login', async (_request, reply) => {
    if (!requiresLogin(dashboard)) return reply.redirect('/');
    return reply.type('text/html').send(page(dashboard));
  });
  server.post('/login', async (request, reply) => {
    reply.type('text/html');
    const { ip } = request;
    const credentials = form.safeParse(request.body).data;
    const attempt = await limit(request, credentials && identify(dashboard, credentials));
    if (!('user' in attempt)) {
      const { waitS } = attempt;
      if (waitS > 0) {
        reply.code(429).header('retry-after', waitS);
        return page(dashboard, `Too many failed logins. Try again in ${waitS} s.`);
      }
      logger.warn({ from: ip }, 'wrong credentials');
      reply.code(401);
      return page(dashboard, `Wrong ${credentialsOf(dashboard)}.`);
    }
    const { user } = attempt;
    logger.info({ from: ip, user }, 'logged in');
    await beginSession(request, user);
    return reply.redirect('/', 303);
  });
  server.post('/logout', async ({ session }, reply) => {
    await session.destroy();
    return reply.clearCookie(SESSION_COOKIE, { path: '/' }).send({ message: 'Logged out.' });
  });
}

/** The credentials that the form asks for, such as `username or password`. */
function credentialsOf({ login, token }: DashboardConfig): string {
  if (login === undefined) return 'token';
  return token === undefined ? 'username or password' : 'username, password or token';
}

function page({ login, token }: DashboardConfig, problem?: string): string {
  const secret =
    login === undefined ? 'Token' : token === undefined ? 'Password' : 'Password or token';
  const name =
    login === undefined
      ? ''
      : '<label>Username<input name="username" autocomplete="username" autocapitalize="none"></label>';
  const alert = problem === undefined ? '' : `<p role="alert">${problem}</p>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in – walq</title>
<link rel="stylesheet" href="/login.css">
</head>
<body>
<main>
<h1>walq</h1>
<form method="post" action="/login">
${alert}
${name}
<label>${secret}<input name="secret" type="password" autocomplete="current-password" required autofocus></label>
<button>Log in</button>
</form>
</main>
</body>
</html>
`;
}

const css = `
:root { color-scheme: light dark; }
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: grid; place-items: center;
  font: 16px/1.5 system-ui, sans-serif;
  background: light-dark(#f4f5f7, #12151b); color: light-dark(#1b2230, #e8ecf3);
}
main {
  width: min(22rem, calc(100vw - 3rem)); padding: 1.75rem; border-radius: 14px;
  background: light-dark(#ffffff, #1b2029); border: 1px solid light-dark(#d9dde5, #2f3744);
}
h1 { margin: 0 0 1rem; font-size: 1.4rem; letter-spacing: -0.02em; }
form { display: grid; gap: 1rem; }
label { display: grid; gap: 0.3rem; font-weight: 600; font-size: 0.9rem; }
input, button { width: 100%; font: inherit; padding: 0.6rem 0.75rem; border-radius: 8px; }
input { border: 1px solid light-dark(#7c8698, #6b7689); background: transparent; color: inherit; }
button { border: 0; background: #1f5fd1; color: #ffffff; font-weight: 600; cursor: pointer; }
:focus-visible { outline: 3px solid #4c8bf5; outline-offset: 2px; }
[role='alert'] { margin: 0; color: light-dark(#b3261e, #ffb4ab); }
`;
