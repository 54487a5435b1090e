/** What suites across packages have in common: a place, the real command, and content from a seed. */
export { MEBIBYTE, nameOf, namesOf, newScene, Scene, type SceneOptions } from './scene.ts';
export { WAL_PATTERN } from './configuration.ts';
export { segmentContent } from './segment-content.ts';
export { runWalq, startWalq, type WalqResult } from './walq-process.ts';
export { statusOf, type Status } from './status.ts';
