import { isWalqError, type WalqError } from '@walq/wal-core/internal';

const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);

const connectionMessages =
  /Connection is closed|Socket timeout|Stream isn't writeable|connection (was )?close|max retries per request|sentinel/i;

/** True for a failure to reach a Redis that takes jobs, as opposed to any other answer that is an error. */
export function isConnectionError(error: Error): boolean {
  if ('code' in error && typeof error.code === 'string' && connectionCodes.has(error.code))
    return true;
  if (isDeadline(error) || isRoleChange(error)) return true;
  return connectionMessages.test(error.message);
}

/** True where the connection was closing when it was used; ioredis may still call it ready then. */
export const isClosed = (error: Error): boolean =>
  /Connection is closed|Stream isn't writeable|connection was closed/i.test(error.message);

/** True where no answer came in time; whether the command was done is not known. */
export const isDeadline = (error: Error): boolean =>
  error.name === 'DeadlineError' || error.message === 'Command timed out';

/**
 * True for what a server answers that is no primary (any more) or not yet: a command that was refused so was
 * not done. Before Redis 7, scripts wrap the answer in words of their own.
 */
export const isRoleChange = (error: Error): boolean =>
  /^(LOADING|MASTERDOWN|UNBLOCKED) |(^|-)READONLY /.test(error.message);

/** True when Redis refuses to write because its memory is full. */
export const isOutOfMemory = (error: Error): boolean => /^OOM |\bOOM command/.test(error.message);

/** True where Redis answers, and refuses to write: whatever the reason, it takes no jobs now. */
export const isRefusal = (error: Error): boolean =>
  isRoleChange(error) ||
  isOutOfMemory(error) ||
  /^(MISCONF|NOREPLICAS|NOPERM|NOAUTH|EXECABORT) |ACL failure|can't run this command/.test(
    error.message,
  );

/** True for whatever Redis is to blame for, as opposed to a source or an archive. */
export const isRedisFailure = (error: unknown): boolean =>
  isWalqError(error, 'redis-unavailable') || isUnsuitable(error);

/** True for a Redis that no waiting makes fit for walq. */
export const isUnsuitable = (error: unknown): error is WalqError =>
  isWalqError(error, 'redis-evicts', 'redis-unsuitable');

/** What to do about the words with which Redis, or TLS before it, turns walq away. */
const hints: readonly (readonly [words: RegExp, hint: string])[] = [
  [/^WRONGPASS|invalid password/, 'Check redis.username and redis.password_file.'],
  [
    /^NOAUTH/,
    'This server wants a password: set redis.password_file, and redis.username for an ACL user.',
  ],
  [
    /^DENIED/,
    'Redis is in protected mode: set a password there, or bind it to the loopback interface.',
  ],
  [
    /DB index|'select'/,
    'Give a database in redis.url that the server has (its `databases` setting) and this user may select.',
  ],
  [
    /NOPERM|ACL failure|can't run this command/,
    'Give the user the commands and keys that docs/deploy.md lists.',
  ],
  [
    /^(READONLY|MASTERDOWN|UNBLOCKED)|-READONLY/,
    'This server is a replica. Point redis.url at the primary, or set redis.sentinels; walq connects again by itself.',
  ],
  [/^LOADING/, 'The server reads its files after a start; walq goes on once it has done so.'],
  [
    /^an answer of Redis is larger/,
    'Something that is not walq has written to this Redis. Find it with redis-cli --bigkeys and remove it.',
  ],
  [
    /does not serve yet/,
    'A server that reads its files after a start (LOADING) serves once it has done so; one that is frozen says nothing. Read its log.',
  ],
  [/^OOM/, 'The memory of Redis is full: raise its maxmemory.'],
  [/^MISCONF/, 'Redis cannot save its files and refuses writes: check its disk and its log.'],
  [/^NOREPLICAS/, 'Too few replicas are connected (min-replicas-to-write): check them.'],
  [
    /certificate|self.signed|altname/i,
    'Check redis.ca_file, and that the name in redis.url is the one in the certificate.',
  ],
  [
    /wrong version number|ssl|tls/i,
    'Check whether the server speaks TLS at this port: rediss:// with it, redis:// without.',
  ],
  [
    /max number of clients/,
    'The server has as many connections as its maxclients allows: raise it, or end other clients.',
  ],
  [
    // What the server said before it closed the connection is lost with it.
    /EPIPE|ECONNRESET/,
    'The server closed the connection at once: read its log. It may be in protected mode (set a password there, or bind it to the loopback interface), have reached its maxclients, or speak only TLS at this port.',
  ],
];

/** Undefined where the usual hint fits. */
export const hintFor = (answer: string): string | undefined =>
  hints.find(([words]) => words.test(answer))?.[1];
