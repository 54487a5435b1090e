/** Which module may import which. A type counts as any other import. */

const sources = '^(packages|apps)/[^/]+/src/';
const walCore = '^packages/wal-core/src/';

/** The folders of wal-core, each standing on those before it. ARCHITECTURE.md says what each is. */
const layers = [
  'base',
  'source',
  'log',
  'codec',
  'threads',
  'store',
  'archive',
  'pipeline',
  'reading',
  'entrypoints',
  'maintenance',
];

const onlyUpwards = layers.map((layer, at) => ({
  name: 'layers',
  comment: 'A folder of wal-core imports only itself and the folders above it, types included.',
  severity: 'error',
  from: { path: `${walCore}${layer}/` },
  to: { path: walCore, pathNot: `${walCore}(${layers.slice(0, at + 1).join('|')})/` },
}));

/** The packages, likewise. The apps stand on all of them; tests also on `conformance`. */
const packages = ['wal-core', 'config', 'archive-queue', 'role'];

const packagesOnlyUpwards = packages.map((name, at) => ({
  name: 'packages',
  comment: 'A package imports only the packages above it.',
  severity: 'error',
  from: { path: `^packages/${name}/src/` },
  to: {
    path: '^(packages|apps|test|bench)/',
    pathNot: `^packages/(${packages.slice(0, at + 1).join('|')})/`,
  },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...packagesOnlyUpwards,
    {
      name: 'wal-core-stands-alone',
      comment: 'The domain knows neither Redis nor HTTP.',
      severity: 'error',
      from: { path: walCore },
      to: { path: 'node_modules/(bullmq|ioredis|fastify|@bull-board|@fastify)/' },
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
    ...onlyUpwards,
    {
      name: 'every-folder-a-layer',
      comment: 'What belongs to no layer has no place in the order.',
      severity: 'error',
      from: { path: `${walCore}.+/`, pathNot: `${walCore}(${layers.join('|')})/` },
      to: {},
    },
    {
      name: 'tests-by-the-door',
      comment: 'Tests use a package as its users do: through its doors.',
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
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
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
    exclude: { path: ['\\.cache/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
    },
  },
};
