import { z } from 'zod';
import { parseAddress } from './address.ts';
import { option, parsedText, reportKey } from './option.ts';
import { parseRedisUrl, redisUrlFault } from './redis-url.ts';

const text = z.string().min(1);

export const redisTable = z
  .strictObject({
    url: option(parsedText(parseRedisUrl, redisUrlFault).optional(), {
      meaning: 'URL of the Redis server',
      expected: 'redis://host:port/database, rediss:// for TLS, or unix:///path?db=0 for a socket',
    }),
    sentinels: option(z.array(parsedText(parseAddress)).min(1).optional(), {
      meaning: 'addresses of Redis Sentinels, instead of url',
      expected: 'a list of "host:port"',
    }),
    master_name: option(text.optional(), {
      meaning: 'name of the primary in the Sentinels’ configuration',
      expected: 'a name',
    }),
    username: option(text.optional(), {
      meaning: 'user name for Redis',
      expected: 'a user name',
    }),
    password_file: option(text.optional(), {
      meaning: 'file with the password for Redis',
      expected: 'the path of a file',
    }),
    ca_file: option(text.optional(), {
      meaning: 'file of certificate authorities (PEM) to trust instead of the system’s; needs TLS',
      expected: 'the path of a file',
    }),
  })
  .superRefine((redis, context) => {
    const { url } = redis;
    reportKey(
      context,
      'sentinels',
      redis.sentinels && url,
      'set either url or sentinels, not both',
    );
    reportKey(
      context,
      'master_name',
      redis.sentinels && !redis.master_name,
      'expected the name of the primary in the Sentinels’ configuration, found nothing',
    );
    reportKey(
      context,
      'master_name',
      redis.master_name && !redis.sentinels,
      'needs sentinels, which are not set',
    );
    reportKey(
      context,
      'username',
      redis.username && url?.username,
      'the url already contains a user; set only one of them',
    );
    reportKey(
      context,
      'password_file',
      redis.password_file && url?.password,
      'the url already contains a password; set only one of them',
    );
    reportKey(
      context,
      'ca_file',
      redis.ca_file && url?.tls === false,
      'needs TLS: expected a url with rediss://, found redis://',
    );
  });

export type RedisTable = z.infer<typeof redisTable>;
