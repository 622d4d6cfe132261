import { openDataPlane } from '../../../../src/local/data-plane.ts';

/** Serves a data folder until it is killed: `node <this> <directory> <workerFile>` prints the endpoint. */
const [directory, workerFile] = process.argv.slice(2);
if (!directory || !workerFile) throw new Error('Usage: <directory> <workerFile>');
const { endpoint } = await openDataPlane({ directory, workerFile, port: 0 });
console.log(endpoint);
