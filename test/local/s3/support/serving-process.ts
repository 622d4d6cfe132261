import { startDataPlane } from '../../../support/data-plane.ts';
import { s3OfPlane } from './s3-of-plane.ts';

/** Serves S3 from the folder that is its argument, and prints its address, until it is killed. */
const plane = await startDataPlane({ directory: process.argv[2], services: s3OfPlane });
process.stdout.write(`${plane.endpoint}\n`);
