export type { ChildListener, ChildSpec } from './child-spec.ts';
export { printChildren, quietChildren } from './print-children.ts';
export { roleSpec } from './role-spec.ts';
export { superviseAll } from './supervise-all.ts';
export { Supervised } from './supervised.ts';
export { withWorkers } from './with-workers.ts';
