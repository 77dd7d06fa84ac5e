// The workflow bundle's entry: what the worker finds by name.
export { interceptors } from './interceptors.js';
export { taskRun } from './task-run.js';
