export { createOperator, type OperatorOptions } from './create-operator.ts';
export type { Operator } from './operator.ts';
