export type { ChildListener, ChildSpec } from './child-spec.ts';
export { printChildren, quietChildren } from './print-children.ts';
export { roleSpec } from './role-spec.ts';
export { superviseAll } from './supervise-all.ts';
export { Supervised, type Pace } from './supervised.ts';
export { watchSupervisor } from './watch-supervisor.ts';
