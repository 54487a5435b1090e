export { createDueView, type DueScan, type DueView } from './due-view.ts';
