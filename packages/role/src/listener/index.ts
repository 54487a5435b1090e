export { redisReasons } from './redis-reason.ts';
export type { Health } from './health.ts';
export { serveRole, type RoleListener, type RoleListenerOptions } from './serve-role.ts';
