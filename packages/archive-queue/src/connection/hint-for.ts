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
