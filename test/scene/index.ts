/** What suites across packages have in common: a place, the real command, and content from a seed. */
export { MEBIBYTE, nameOf, namesOf, newScene, type Scene } from './scene.ts';
export { holdBounded } from './bounded-role.ts';
export { runWalq, startWalq, walqBin } from './walq-process.ts';
export { statusOf } from './status.ts';
export { redisCommand } from './redis-command.ts';
