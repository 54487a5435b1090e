export { deleteSource, type DeleteOptions, type Deletion } from './delete-source.ts';
