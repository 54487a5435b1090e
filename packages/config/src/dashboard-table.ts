import { z } from 'zod';
import { parseAddress } from './address.ts';
import { option, parsedText, reportKey } from './option.ts';

const text = z.string().min(1);

export const dashboardTable = z
  .strictObject({
    listen: option(parsedText(parseAddress).default({ host: '127.0.0.1', port: 9463 }), {
      meaning:
        'address of the dashboard; a non-loopback address needs a token, a password or a trusted proxy',
      expected: '"host:port"',
      default: '"127.0.0.1:9463"',
    }),
    read_only: option(z.boolean().default(true), {
      meaning: 'the dashboard shows everything and allows no actions',
      expected: 'true or false',
      default: 'true',
    }),
    token_file: option(text.optional(), {
      meaning: 'file with the token for the login page and for bearer authentication',
      expected: 'the path of a file',
    }),
    username: option(text.optional(), {
      meaning: 'user name for the login; needs password_file',
      expected: 'a user name',
    }),
    password_file: option(text.optional(), {
      meaning: 'file with the password for the login; needs username',
      expected: 'the path of a file',
    }),
    trusted_proxy: option(z.boolean().default(false), {
      meaning:
        'trust X-Forwarded-For, -Proto and -User; set it only if an authenticating proxy is the only way to the dashboard',
      expected: 'true or false',
      default: 'false',
    }),
  })
  .superRefine((dashboard, context) => {
    const { username, password_file } = dashboard;
    reportKey(
      context,
      'password_file',
      username !== undefined && password_file === undefined,
      'expected the file with the password of username, found nothing',
    );
    reportKey(
      context,
      'username',
      username === undefined && password_file !== undefined,
      'expected the user name for password_file, found nothing',
    );
    reportKey(
      context,
      'username',
      username?.includes(':'),
      'expected a name without a colon, because HTTP authentication ends the name there',
    );
  });

export type DashboardTable = z.infer<typeof dashboardTable>;
