/** Which module may import which: wal-core <- archive-queue <- apps, entered through their doors. */

const sources = '^(packages|apps)/[^/]+/src/';
const walCore = '^packages/wal-core/src/';
/**
 * What runs in the threads takes single files: a door would bring zod, sockets and the pool itself into
 * each thread; zod alone takes some 12 MB where it is loaded.
 */
const threadSide = '^packages/wal-core/src/(threads|compress|confirm)/';
const forThreads = [
  threadSide,
  '^packages/wal-core/src/disk/blocking-disk\\.ts$',
  '^packages/wal-core/src/log/format-check\\.ts$',
  '^packages/wal-core/src/postgres/page-check\\.ts$',
  '^packages/wal-core/src/store/manifest-frame\\.ts$',
];

const notTypesOnly = { dependencyTypesNot: ['type-only'] };

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'wal-core-stands-alone',
      comment: 'The domain knows neither the queue nor the apps, neither Redis nor HTTP.',
      severity: 'error',
      from: { path: walCore },
      to: {
        path: [
          '^packages/(?!wal-core/)',
          '^(apps|test|bench)/',
          'node_modules/(bullmq|ioredis|fastify|@bull-board|@fastify)/',
        ],
      },
    },
    {
      name: 'redis-only-in-archive-queue',
      comment: 'archive-queue is the only place that knows BullMQ and ioredis.',
      severity: 'error',
      from: { path: sources, pathNot: '^packages/archive-queue/' },
      to: { path: 'node_modules/(bullmq|ioredis)/' },
    },
    {
      name: 'board-only-in-dashboard',
      comment: 'The queue board belongs to the dashboard.',
      severity: 'error',
      from: { path: sources, pathNot: '^apps/dashboard/' },
      to: { path: 'node_modules/@bull-board/' },
    },
    {
      name: 'packages-know-no-apps',
      comment: 'Apps are thin and stand on the packages, never the other way.',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^apps/' },
    },
    {
      name: 'apps-stand-alone',
      comment: 'Only the command walq puts the roles together.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/cli/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'packages-by-their-door',
      comment: "Another package is entered by its name, so through what its 'exports' name.",
      severity: 'error',
      from: { path: '^(?:packages|apps)/([^/]+)/src/' },
      to: { path: '^(packages|apps)/[^/]+/src/', pathNot: '^(packages|apps)/$1/' },
    },
    {
      name: 'folders-by-their-door',
      comment: 'A folder of wal-core is entered through its index.ts; types may be taken directly.',
      severity: 'error',
      from: {
        path: '^packages/wal-core/src/([^/]+)/',
        pathNot: [threadSide, '/cleaner/(blocking-thread|run-blocking)\\.ts$'],
      },
      to: {
        path: '^packages/wal-core/src/[^/]+/',
        pathNot: ['^packages/wal-core/src/$1/', '^packages/wal-core/src/[^/]+/index\\.ts$'],
        ...notTypesOnly,
      },
    },
    {
      name: 'threads-stay-light',
      comment: 'What runs in a thread enters no door but failure and disk, and loads single files.',
      severity: 'error',
      from: { path: threadSide, pathNot: '/confirm/confirm\\.ts$' },
      to: {
        path: '^packages/wal-core/src/',
        pathNot: [...forThreads, '^packages/wal-core/src/(failure|disk)/index\\.ts$'],
        ...notTypesOnly,
      },
    },
    {
      name: 'only-confirm-issues-receipts',
      comment:
        'A receipt allows a deletion: its door shows how to check one, not how to write one.',
      severity: 'error',
      from: {
        path: '^packages/wal-core/src/',
        pathNot: '/confirm/',
      },
      to: { path: '/confirm/receipt\\.ts$', ...notTypesOnly },
    },
    {
      name: 'package-door-by-folder-doors',
      comment: "wal-core's own doors are made of its folders' doors.",
      severity: 'error',
      from: { path: '^packages/wal-core/src/index\\.ts$' },
      to: {
        path: '^packages/wal-core/src/[^/]+/',
        pathNot: '^packages/wal-core/src/[^/]+/index\\.ts$',
      },
    },
    {
      name: 'tests-by-the-door',
      comment: 'Tests use a package as its users do: through index.ts or testing.ts.',
      severity: 'error',
      from: { path: ['^packages/[^/]+/test/', '^test/(?!support/)'] },
      to: { path: '^(packages|apps)/[^/]+/src/' },
    },
    {
      name: 'sources-know-no-tests',
      severity: 'error',
      from: { path: sources },
      to: { path: ['^test/', '^(packages|apps)/[^/]+/test/', '\\.test\\.ts$'] },
    },
    {
      name: 'no-cycles',
      comment: 'Also between folders; where only types go round, nothing does at run time.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: notTypesOnly },
    },
    {
      name: 'declared-dependencies',
      comment: 'What is imported stands in the package.json of the importing package.',
      severity: 'error',
      from: { path: sources },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: ['\\.cache/', '\\.turbo/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
    },
  },
};
