import { parentPort, workerData } from 'node:worker_threads';
import { restore } from './restore.ts';

// An error that is thrown here reaches the parent's `error` event with its code and other fields.
parentPort?.postMessage(restore(workerData));
