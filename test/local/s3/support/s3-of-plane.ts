import path from 'node:path';
import { openS3, type S3Service } from '../../../../src/local/s3/index.ts';
import type { DataPlaneOptions } from '../../../support/data-plane.ts';

type Parts = Parameters<NonNullable<DataPlaneOptions['services']>>[0];

/** The S3 of a data plane, in the folder `s3` beside its store. */
export const s3OfPlane = async ({ database, directory, now }: Parts): Promise<{ s3: S3Service }> => ({
  s3: await openS3({ database, directory: path.join(directory, 's3'), now }),
});
