export { claimQueue } from './claim-queue.ts';
